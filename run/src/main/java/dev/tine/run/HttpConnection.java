package dev.tine.run;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A connection for GET requests to a process of this machine, one after the other. Answers are read
 * to their ends and thrown away (RFC 9112).
 */
final class HttpConnection implements AutoCloseable {
  /** Of all lines before a body, and of those between its chunks. */
  private static final int HEAD_LIMIT = 256 * 1024;

  private static final int BUFFER = 16 * 1024;
  private static final int NO_CONTENT = 204;
  private static final int NOT_MODIFIED = 304;

  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.([01]) ([1-5]\\d\\d)( .*)?");

  private final Socket socket = new Socket();
  private final String host;
  private final Duration limit;

  /** What has been received and not read yet is from {@code at} to {@code end}. */
  private final byte[] buffer = new byte[BUFFER];

  private int at;
  private int end;
  private int headLeft;
  private long deadlineNanos;
  private boolean isKept = true;

  /**
   * Connects.
   *
   * @param limit of the time to connect, and of that of each answer
   */
  HttpConnection(InetSocketAddress address, Duration limit) throws IOException {
    this.limit = limit;
    this.host = host(address);
    try {
      socket.setTcpNoDelay(true);
      socket.connect(address, (int) limit.toMillis());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static String host(InetSocketAddress address) {
    InetAddress host = address.getAddress();
    String name =
        host instanceof Inet6Address ? "[" + host.getHostAddress() + "]" : host.getHostAddress();
    return name + ":" + address.getPort();
  }

  /** Whether another request can be sent: the last answer did not say that it is the last. */
  boolean isKept() {
    return isKept;
  }

  /**
   * Sends a request and reads the answer; its status code.
   *
   * @param path with query, of visible ASCII characters
   * @param fields lines of the header, each with its end; the host is added
   * @throws IOException also if it does not speak HTTP, or takes longer than the limit
   */
  int get(String path, String fields) throws IOException {
    isKept = false; // until all of the answer is read
    deadlineNanos = System.nanoTime() + limit.toNanos();
    headLeft = HEAD_LIMIT;
    String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    Head head = head();
    while (head.status < 200) { // 100, 103: there is another to come
      head = head();
    }
    skipBody(head);
    isKept = head.isKept;
    return head.status;
  }

  /**
   * What is known before the body.
   *
   * @param length of the body in bytes; -1: until the end
   */
  private record Head(int status, boolean isKept, boolean isChunked, long length) {}

  private Head head() throws IOException {
    String first = line();
    Matcher matcher = STATUS.matcher(first);
    if (!matcher.matches()) {
      throw new IOException("it does not speak HTTP");
    }
    int status = Integer.parseInt(matcher.group(2));
    boolean isKept = matcher.group(1).equals("1");
    boolean isChunked = false;
    long length = status < 200 || status == NO_CONTENT || status == NOT_MODIFIED ? 0 : -1;
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = Math.max(0, line.indexOf(':'));
      String value = line.substring(colon + 1).strip().toLowerCase(Locale.ROOT);
      switch (line.substring(0, colon).toLowerCase(Locale.ROOT)) {
        case "content-length" -> length = length == 0 ? 0 : number(value, 10);
        case "transfer-encoding" -> isChunked = length != 0 && value.endsWith("chunked");
        case "connection" -> isKept &= !value.contains("close");
        default -> {
          // it is the program's
        }
      }
    }
    return new Head(status, isKept && (isChunked || length >= 0), isChunked, length);
  }

  private void skipBody(Head head) throws IOException {
    if (!head.isChunked) {
      skip(head.length);
      return;
    }
    for (long size = chunk(); size > 0; size = chunk()) {
      skip(size);
      line();
    }
    while (!line().isEmpty()) {
      // a trailer
    }
  }

  private long chunk() throws IOException {
    String line = line();
    int end = line.indexOf(';'); // what follows is an extension
    return number((end < 0 ? line : line.substring(0, end)).strip(), 16);
  }

  private static long number(String digits, int radix) throws IOException {
    try {
      long value = Long.parseLong(digits, radix);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // as a negative one
    }
    throw new IOException("it does not speak HTTP: a length of " + digits);
  }

  /**
   * @param length -1: until the end
   */
  private void skip(long length) throws IOException {
    long left = length < 0 ? Long.MAX_VALUE : length;
    while (left > 0) {
      if (at == end && !fill()) {
        if (length < 0) {
          return;
        }
        throw new IOException("it closed the connection within an answer");
      }
      int n = (int) Math.min(left, end - at);
      at += n;
      left -= n;
    }
  }

  /** A line without its end. */
  private String line() throws IOException {
    var line = new StringBuilder();
    while (true) {
      if (at == end && !fill()) {
        throw new IOException("it closed the connection without an answer");
      }
      char next = (char) buffer[at++];
      if (next == '\n') {
        int length = line.length();
        return length > 0 && line.charAt(length - 1) == '\r'
            ? line.substring(0, length - 1)
            : line.toString();
      }
      if (--headLeft < 0) {
        throw new IOException("its answer has too long a head");
      }
      line.append(next);
    }
  }

  /** Waits for more; false: there is none. */
  private boolean fill() throws IOException {
    long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
    if (leftMillis <= 0) { // an answer that trickles in must not take for ever either
      throw new SocketTimeoutException("no answer within " + limit.toSeconds() + " s");
    }
    socket.setSoTimeout((int) leftMillis);
    at = 0;
    end = Math.max(0, socket.getInputStream().read(buffer));
    return end > 0;
  }

  /** Closes it as a client does that has failed: the other side gets an error, and no end. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
    } catch (SocketException e) {
      // it is closed already
    }
    close();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // it is of no more use, either way
    }
  }
}
