package dev.tine.systemtests.programs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/**
 * A server of a version: {@code Versioned PORT VERSION [MISBEHAVIOUR]}, where it may misbehave only
 * in workers, so that it boots and is warmed like any other.
 *
 * <p>Answers with its pid; {@code /version} with its version; {@code /held?FILE} only when the file
 * is there.
 */
public final class Versioned {
  private Versioned() {}

  /** Serves. */
  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    String version = args[1];
    String misbehaviour = args.length > 2 ? args[2] : "none";
    String booted = pid();
    if (misbehaviour.equals("exits")) {
      System.out.println("no database for " + version);
      System.exit(4);
    }
    if (misbehaviour.equals("lingers")) {
      Runtime.getRuntime().addShutdownHook(new Thread(Versioned::linger));
    }
    var server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
    server.createContext(
        "/",
        exchange -> {
          if (!pid().equals(booted)) {
            misbehave(exchange, misbehaviour);
          }
          answer(exchange, version);
        });
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
    System.out.println("version " + version + " at " + server.getAddress());
  }

  /** As a program that waits for its requests when it is told to end. */
  private static void linger() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** As the kernel has it, whatever else may have been remembered. */
  private static String pid() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self")).toString();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void misbehave(HttpExchange exchange, String how) throws IOException {
    switch (how) {
      case "dies" -> Runtime.getRuntime().halt(9);
      case "hangs" -> {
        try {
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
      case "errs" -> {
        exchange.sendResponseHeaders(503, -1);
        exchange.close();
        throw new IOException("errs, as it should");
      }
      default -> {
        // it behaves
      }
    }
  }

  private static void answer(HttpExchange exchange, String version) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/held")) {
      System.out.println("holding a request");
      hold(Path.of(exchange.getRequestURI().getQuery()));
    }
    String page = path.equals("/version") ? version : "pid " + pid() + "\n";
    byte[] body = page.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static void hold(Path file) throws IOException {
    try {
      for (int i = 0; i < 6000 && !Files.exists(file); i++) {
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
