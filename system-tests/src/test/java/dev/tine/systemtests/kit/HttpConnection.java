package dev.tine.systemtests.kit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;

/**
 * A connection to an HTTP server of this machine.
 *
 * <p>It repeats nothing by itself, unlike the clients of the JDK: each failure is seen.
 */
public final class HttpConnection implements AutoCloseable {
  private static final int LIMIT_MS = (int) Duration.ofSeconds(15).toMillis();

  private final Socket socket = new Socket();
  private final InputStream in;
  private boolean isLast;

  /** Connects. */
  public HttpConnection(int port) throws IOException {
    this(InetAddress.getLoopbackAddress(), port);
  }

  /** Connects to an address of this machine. */
  public HttpConnection(InetAddress address, int port) throws IOException {
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(LIMIT_MS);
      socket.connect(new InetSocketAddress(address, port), LIMIT_MS);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Fetches a page with a connection of its own. */
  public static String fetch(int port, String path) throws IOException {
    try (var connection = new HttpConnection(port)) {
      return connection.get(path, false);
    }
  }

  /**
   * Sends a request and reads the answer.
   *
   * @param keepAlive whether another one may follow
   * @return the body
   * @throws ProtocolException if the answer is not a whole and successful one of HTTP/1.1
   * @throws java.net.SocketTimeoutException if none came in time
   * @throws IOException if the connection ended before
   */
  public String get(String path, boolean keepAlive) throws IOException {
    String request =
        "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
            .formatted(path, keepAlive ? "" : "Connection: close\r\n");
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    String status = line();
    if (!status.startsWith("HTTP/1.1 200")) { // "OK" is optional, and Tomcat omits it
      throw new ProtocolException("status line: " + status);
    }
    int lengthBytes = -1;
    for (String header = line(); !header.isEmpty(); header = line()) {
      String[] parts = header.split(":", 2);
      switch (parts[0].toLowerCase(Locale.ROOT)) {
        case "content-length" -> lengthBytes = Integer.parseInt(parts[1].strip());
        case "connection" -> isLast = parts[1].strip().equalsIgnoreCase("close");
        default -> {
          // whatever it says
        }
      }
    }
    if (lengthBytes < 0) {
      throw new ProtocolException("no length");
    }
    byte[] body = in.readNBytes(lengthBytes);
    if (body.length < lengthBytes) {
      throw new EOFException("within the body");
    }
    if (!keepAlive) {
      awaitEnd();
    }
    return new String(body, ISO_8859_1);
  }

  /**
   * Whether the server has said that it answers no more here, as Tomcat does after 100 requests.
   */
  public boolean isLast() {
    return isLast;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** Who closes first keeps the port for a minute: that must be the server, which has but one. */
  private void awaitEnd() throws ProtocolException {
    try {
      if (in.read() >= 0) {
        throw new ProtocolException("more than one answer");
      }
    } catch (ProtocolException e) {
      throw e;
    } catch (IOException _) {
      // The server was killed, but had answered.
    }
  }

  private String line() throws IOException {
    var line = new ByteArrayOutputStream();
    while (true) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("within the head");
      }
      if (next == '\n') {
        return line.toString(ISO_8859_1).stripTrailing();
      }
      line.write(next);
    }
  }
}
