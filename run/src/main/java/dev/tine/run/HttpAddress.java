package dev.tine.run;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Pattern;

/**
 * Where metrics and the status page are to be served.
 *
 * @param host numeric, or localhost; without brackets
 * @param port 0: any
 */
public record HttpAddress(String host, int port) {
  private static final Pattern NUMERIC = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  /**
   * Reads {@code PORT}, {@code HOST:PORT} or {@code [HOST]:PORT}; without a host it is the loopback
   * device's. Throws {@link IllegalArgumentException}, which says what is allowed.
   */
  public static HttpAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "127.0.0.1" : text.substring(0, colon).replaceAll("^\\[|\\]$", "");
    String port = text.substring(colon + 1);
    boolean isHost = host.equals("localhost") || NUMERIC.matcher(host).matches();
    if (isHost && port.matches("[0-9]{1,5}") && Integer.parseInt(port) <= 65535) {
      return new HttpAddress(host, Integer.parseInt(port));
    }
    throw new IllegalArgumentException(
        "'" + text + "' is not PORT, ADDRESS:PORT or localhost:PORT, such as 127.0.0.1:9090");
  }

  /** Throws {@link IllegalArgumentException} if the host is no address. */
  InetSocketAddress resolve() {
    return host.equals("localhost")
        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
        : new InetSocketAddress(InetAddress.ofLiteral(host), port);
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
