package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WarmupClientTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int REQUESTS = 600;

  @Test
  void shouldBehaveInManyWays() throws IOException {
    Set<Object> connections = ConcurrentHashMap.newKeySet();
    Set<String> accepted = ConcurrentHashMap.newKeySet();
    Set<String> options = ConcurrentHashMap.newKeySet();
    HttpServer server = HttpServer.create(loopback(), 0);
    server.createContext(
        "/",
        exchange -> {
          connections.add(exchange.getRemoteAddress());
          accepted.add(String.valueOf(exchange.getRequestHeaders().getFirst("Accept")));
          options.add(String.valueOf(exchange.getRequestHeaders().getFirst("Connection")));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    try (var client = new WarmupClient(server.getAddress(), LIMIT)) {
      for (int i = 0; i < REQUESTS; i++) {
        assertThat(client.get("/")).isEqualTo(200);
      }
    } finally {
      server.stop(0);
    }
    assertThat(connections).hasSizeBetween(REQUESTS / 100, REQUESTS / 10);
    assertThat(accepted).hasSize(4).contains("null");
    assertThat(options).contains("null", "keep-alive", "close");
  }

  /** As seen by a server that reads on after the last answer. */
  @Test
  void shouldEndConnectionsInMoreThanOneWay() throws Exception {
    Set<String> ends = new HashSet<>();
    try (var listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread visitor = Thread.ofPlatform().daemon().start(() -> visit(listener));
      while (visitor.isAlive() && ends.size() < 2) {
        try (Socket socket = listener.accept()) {
          ends.add(serve(socket));
        }
      }
    }
    assertThat(ends).containsExactlyInAnyOrder("end", "Connection reset");
  }

  private static void visit(ServerSocket listener) {
    var address = new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    try (var client = new WarmupClient(address, LIMIT)) {
      for (int i = 0; i < REQUESTS; i++) {
        var _ = client.get("/");
      }
    } catch (IOException e) {
      // the server has seen enough
    }
  }

  /** Serves a connection; how it ended. */
  private static String serve(Socket socket) {
    try {
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.isEmpty()) {
          socket
              .getOutputStream()
              .write("HTTP/1.1 204 \r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
      }
      return "end";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** A program may close what it keeps at any time: that is no failure of it. */
  @Test
  void shouldConnectAgainIfItWasLeft() throws IOException {
    AtomicInteger count = new AtomicInteger();
    try (var listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread.ofPlatform().daemon().start(() -> leaveAfterOne(listener, count));
      var address = new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
      try (var client = new WarmupClient(address, LIMIT)) {
        for (int i = 0; i < 10; i++) {
          assertThat(client.get("/")).isEqualTo(200);
        }
      }
    }
    assertThat(count).hasValue(10);
  }

  /** Does not say that an answer is the last. */
  private static void leaveAfterOne(ServerSocket listener, AtomicInteger count) {
    while (true) {
      try (Socket socket = listener.accept()) {
        var in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
          // the head
        }
        count.incrementAndGet();
        byte[] answer =
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII);
        socket.getOutputStream().write(answer);
      } catch (IOException e) {
        return; // the listener is closed
      }
    }
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }
}
