package dev.tine.benchmarks.accept;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.util.Locale;

/** A connection to an HTTP server whose pages are its pid. */
final class Connection implements AutoCloseable {
  private static final int LIMIT_MS = 15_000;

  private final Socket socket = new Socket();
  private final InputStream in;
  private boolean isLast;

  Connection(int port) throws IOException {
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(LIMIT_MS);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), LIMIT_MS);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Who has answered. */
  long get(boolean keepAlive) throws IOException {
    String request =
        "GET / HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
            .formatted(keepAlive ? "" : "Connection: close\r\n");
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    if (!line().startsWith("HTTP/1.1 200")) {
      throw new ProtocolException("not OK");
    }
    int length = 0;
    for (String header = line(); !header.isEmpty(); header = line()) {
      String lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring(lower.indexOf(':') + 1).strip());
      }
      isLast |= lower.equals("connection: close");
    }
    long pid = Long.parseLong(new String(in.readNBytes(length), ISO_8859_1));
    if (!keepAlive && in.read() >= 0) { // the server is to close first, which has but one port
      throw new ProtocolException("more than one answer");
    }
    return pid;
  }

  /** Whether the server has said that it answers no more here. */
  boolean isLast() {
    return isLast;
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("within the head");
      }
      line.append((char) next);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
