package dev.tine.benchmarks.client;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A connection to a server: as little of HTTP/1.1 as the programs under measurement speak. */
public final class Connection implements AutoCloseable {
  private static final int LIMIT_MILLIS = 30_000;
  private static final Pattern PID = Pattern.compile("(?:^|from |pid )(\\d+)");

  private final Socket socket = new Socket();
  private final InputStream in;
  private boolean isLast;

  /** Connects. */
  public Connection(int port) throws IOException {
    this(port, LIMIT_MILLIS);
  }

  /** The same, with another limit for the connection and for each read. */
  public Connection(int port, int limitMillis) throws IOException {
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(limitMillis);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), limitMillis);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** The body of an answer of 200; anything else is an error. */
  public String get(String path) throws IOException {
    return get(path, true);
  }

  /** The same; without {@code keepAlive} the server is asked to close, and waited for. */
  public String get(String path, boolean keepAlive) throws IOException {
    send(path, keepAlive);
    return receive(keepAlive);
  }

  /** Sends what {@link #get} sends. */
  public void send(String path, boolean keepAlive) throws IOException {
    socket
        .getOutputStream()
        .write(
            "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
                .formatted(path, keepAlive ? "" : "Connection: close\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The answer to what was sent, as {@link #get} has it. */
  public String receive(boolean keepAlive) throws IOException {
    String status = line();
    if (!status.startsWith("HTTP/1.1 200")) {
      throw new ProtocolException("answer: " + status);
    }
    int length = 0;
    boolean chunked = false;
    for (String head = line(); !head.isEmpty(); head = line()) {
      String lower = head.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring("content-length:".length()).strip());
      }
      chunked |= lower.equals("transfer-encoding: chunked");
      isLast |= lower.equals("connection: close");
    }
    String body = chunked ? chunks() : body(length);
    if (!keepAlive && in.read() >= 0) { // the server is to close first, which has but one port
      throw new ProtocolException("more than one answer");
    }
    return body;
  }

  /** Who has answered with this page: the number that it begins with, or after "from" or "pid". */
  public static long pid(String body) throws IOException {
    Matcher matcher = PID.matcher(body);
    if (!matcher.find()) {
      throw new ProtocolException("no pid in: " + body);
    }
    return Long.parseLong(matcher.group(1));
  }

  /** This end of it. */
  public int localPort() {
    return socket.getLocalPort();
  }

  /** The same as {@code host:port}. */
  public String localAddress() {
    return socket.getLocalAddress().getHostAddress() + ":" + localPort();
  }

  /** Whether the server has said that it answers no more here. */
  public boolean isLast() {
    return isLast;
  }

  private String chunks() throws IOException {
    var text = new StringBuilder();
    for (int size = size(); size > 0; size = size()) {
      text.append(body(size));
      line();
    }
    line();
    return text.toString();
  }

  private int size() throws IOException {
    return Integer.parseInt(line(), 16);
  }

  private String body(int length) throws IOException {
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("answer cut off");
    }
    return new String(body, StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException(line.isEmpty() ? "no answer" : "answer cut off");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
