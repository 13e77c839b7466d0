package dev.tine.systemtests.programs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/**
 * A small HTTP server on a listening socket that was bound before the fork; connections are kept
 * alive.
 */
final class WebServer {
  private final ServerSocket listener;

  WebServer() throws IOException {
    listener = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Closes this process's copy. */
  void close() throws IOException {
    listener.close();
  }

  /** Serves for ever. @param answers from a path with query to a body */
  void serve(UnaryOperator<String> answers) throws IOException {
    while (true) {
      Socket connection = listener.accept();
      Thread.ofVirtual().start(() -> converse(connection, answers));
    }
  }

  private static void converse(Socket connection, UnaryOperator<String> answers) {
    try (connection) {
      connection.setTcpNoDelay(true);
      var input =
          new BufferedReader(
              new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
      for (String request; (request = input.readLine()) != null; ) {
        boolean close = false;
        for (String header; (header = input.readLine()) != null && !header.isEmpty(); ) {
          close |= header.equalsIgnoreCase("Connection: close");
        }
        String body = answers.apply(request.split(" ", -1)[1]);
        String head =
            "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n"
                .formatted(body.length(), close ? "Connection: close\r\n" : "");
        connection.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
        if (close) {
          return;
        }
      }
    } catch (IOException e) {
      // the client has gone
    }
  }
}
