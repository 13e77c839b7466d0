package dev.tine.systemtests.programs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tine.process.Command;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/**
 * A server that runs a program for each answer: {@code SpawningServer PORT}, at {@code /subprocess}
 * with this library, at {@code /builder} with the JDK.
 *
 * <p>Answers with its pid and the pid that the program says its parent has. Has run programs in
 * both ways before it listens: the loop, and the thread that waits for an end, exist before a fork.
 */
public final class SpawningServer {
  private static final String[] PROGRAM = {"sh", "-c", "echo $PPID; exit 3"};

  private SpawningServer() {}

  /** Serves. */
  public static void main(String[] arguments) throws Exception {
    String self = Long.toString(ProcessHandle.current().pid());
    check(withSubprocess(), self);
    check(withBuilder(), self);
    int port = Integer.parseInt(arguments[0]);
    var server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
    server.createContext("/", SpawningServer::answer);
    server.setExecutor(Executors.newFixedThreadPool(4));
    server.start();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String parent;
    try {
      parent =
          exchange.getRequestURI().getPath().equals("/builder") ? withBuilder() : withSubprocess();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    byte[] body = (ProcessHandle.current().pid() + " " + parent).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static String withSubprocess() throws InterruptedException {
    var result = Command.of(PROGRAM).unchecked().run();
    check(result.status().toString(), "exited with status 3");
    return result.text().strip();
  }

  private static String withBuilder() throws IOException, InterruptedException {
    Process process = new ProcessBuilder(PROGRAM).start();
    String text =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    check(Integer.toString(process.waitFor()), "3");
    return text;
  }

  private static void check(String actual, String expected) {
    if (!actual.equals(expected)) {
      throw new AssertionError(actual + " instead of " + expected);
    }
  }
}
