package dev.tine.systemtests.programs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A server as many are, which knows nothing of Tine: {@code PlainServer PORT [MISBEHAVIOUR]}.
 *
 * <p>Answers with its pid and a random number; at {@code /exit?CODE}, {@code /print?TEXT} and
 * {@code /close} it does that, at {@code /orphan} it starts a process that is nobody's child, and
 * at {@code /print-much?N} it prints so many lines of a thousand characters. At {@code /often} it
 * has asked for its pid so often that the question is compiled.
 */
public final class PlainServer {
  private PlainServer() {}

  /** Serves, or not. */
  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    String misbehaviour = args.length > 1 ? args[1] : "none";
    System.out.println("hello, this is the program");
    switch (misbehaviour) {
      case "exit-3" -> System.exit(3);
      case "exit-0" -> System.exit(0);
      case "throws" -> throw new IllegalStateException("no configuration");
      case "never-listens" -> new CountDownLatch(1).await();
      case "looks-first" -> new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
      case "never-ends" ->
          Runtime.getRuntime().addShutdownHook(new Thread(PlainServer::waitForEver));
      case "listens-twice" -> listenTwice(port);
      default -> {
        // in a handler, or not at all
      }
    }
    var server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
    server.createContext("/", exchange -> answer(exchange, misbehaviour));
    server.setExecutor(Executors.newFixedThreadPool(4));
    server.start();
    System.out.println("listening at " + server.getAddress());
  }

  private static void waitForEver() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void listenTwice(int port) throws IOException {
    var first = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    try {
      var second = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
      System.out.println("two listeners: " + first + second);
    } catch (BindException e) {
      System.out.println("second listener: " + e.getMessage());
      System.exit(7);
    }
  }

  private static void answer(HttpExchange exchange, String misbehaviour) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String query = query(exchange);
    if (misbehaviour.equals("crashes-when-asked") || path.equals("/exit")) {
      Runtime.getRuntime().halt(query == null ? 9 : Integer.parseInt(query));
    }
    if (path.equals("/print")) {
      System.out.println("printed " + query);
    }
    if (path.equals("/print-much")) {
      System.out.print(("x".repeat(999) + "\n").repeat(Integer.parseInt(query)));
    }
    if (path.equals("/orphan")) {
      // The shell ends at once, and what it leaves is not for this process to wait for.
      new ProcessBuilder("sh", "-c", "sleep 1000 >/dev/null 2>&1 &").start();
    }
    for (int i = 0; i < 100_000 && path.equals("/often"); i++) {
      ownPid();
    }
    byte[] body = (ownPid() + " " + UUID.randomUUID()).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(misbehaviour.equals("answers-500") ? 500 : 200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** A method of its own, as compilers like it. */
  private static long ownPid() {
    return ProcessHandle.current().pid();
  }

  private static @Nullable String query(HttpExchange exchange) {
    return exchange.getRequestURI().getQuery();
  }
}
