package dev.tine.run.watch;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The pages of a monitor over HTTP: to be read only, with few threads, none of which is the
 * monitor's.
 */
public final class WebServer implements AutoCloseable {
  private static final int THREADS = 4;
  private static final int WAITING = 32;

  /**
   * Names that nobody outside can point at this machine: a page of another site, whose name is made
   * to resolve to this address, could read all of this otherwise. Addresses, localhost, and names
   * without a dot, as containers call each other.
   */
  private static final Pattern HOST =
      Pattern.compile("(?:[0-9.]+|\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9_-]+)(?::[0-9]{1,5})?");

  private final HttpServer server;
  private final ExecutorService threads;
  private final Pages pages;

  private WebServer(HttpServer server, ExecutorService threads, Pages pages) {
    this.server = server;
    this.threads = threads;
    this.pages = pages;
  }

  /** Listens and answers. */
  public static WebServer start(InetSocketAddress address, Pages pages) throws IOException {
    // Read once, by the first server: who sends or reads slowly must not keep a thread for ever.
    System.setProperty("sun.net.httpserver.maxReqTime", "10");
    System.setProperty("sun.net.httpserver.maxRspTime", "10");
    System.setProperty("jdk.httpserver.maxConnections", "64");
    HttpServer server = HttpServer.create(address, WAITING);
    var threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name("tine-http-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
    var web = new WebServer(server, threads, pages);
    server.setExecutor(threads);
    server.createContext("/", web::answer);
    server.start();
    return web;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Pages.Page page;
      try {
        page = pageFor(exchange);
      } catch (RuntimeException e) {
        page = plain(500, "it failed: " + e);
      }
      send(exchange, page);
    }
  }

  private Pages.Page pageFor(HttpExchange exchange) {
    String host = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host")).orElse("");
    if (!HOST.matcher(host).matches()) {
      return plain(403, "ask for it by address, or as localhost");
    }
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      return plain(405, "there is nothing to change here");
    }
    return pages
        .at(exchange.getRequestURI().getPath())
        .orElseGet(() ->
            plain(404, "there are /, /status.json, /metrics, /health/live and /health/ready"));
  }

  private static Pages.Page plain(int status, String text) {
    return new Pages.Page(status, "text/plain; charset=utf-8", text + "\n");
  }

  private static void send(HttpExchange exchange, Pages.Page page) throws IOException {
    byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", page.type());
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
            + " connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'");
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(page.status(), -1);
    } else {
      exchange.sendResponseHeaders(page.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** Ends at once. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
