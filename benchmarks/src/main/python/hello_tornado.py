"""A Tornado server with processes of its own: hello_tornado.py PORT WORKERS."""

import asyncio
import os
import sys

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.process import fork_processes
from tornado.web import Application, RequestHandler


class Hello(RequestHandler):
    def get(self):
        self.set_header("Content-Type", "text/plain")
        self.write(f"hello from a worker, pid {os.getpid()}\n")


async def serve(sockets):
    HTTPServer(Application([("/", Hello)])).add_sockets(sockets)
    await asyncio.Event().wait()


port, workers = int(sys.argv[1]), int(sys.argv[2])
sockets = bind_sockets(port, address="127.0.0.1")
fork_processes(workers)
asyncio.run(serve(sockets))
