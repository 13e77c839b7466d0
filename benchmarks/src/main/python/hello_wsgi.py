"""A WSGI application for gunicorn: who answers, as text."""

import os


def application(environ, start_response):
    page = f"hello from a worker, pid {os.getpid()}\n".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(page)))])
    return [page]
