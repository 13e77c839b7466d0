package dev.tine.run;

import dev.tine.sys.SocketAddressBytes;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Addresses that workers are to share: {@code PORT}, {@code HOST:PORT}, or the path of a UNIX
 * socket.
 *
 * @param host numeric, without brackets; empty: any
 * @param port 1 to 65535; 0 for a path
 * @param path empty: none
 */
public record ListenFilter(String host, int port, String path) {

  /** Reads one; throws {@link IllegalArgumentException}, which says what is allowed. */
  public static ListenFilter parse(String text) {
    if (text.startsWith("/")) {
      return new ListenFilter("", 0, text);
    }
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[|\\]$", "");
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (port >= 1 && port <= 65535) {
        return new ListenFilter(host, port, "");
      }
    } catch (NumberFormatException e) {
      // refused below
    }
    throw new IllegalArgumentException(
        "'" + text + "' is not PORT, HOST:PORT or the path of a UNIX socket");
  }

  boolean matches(SocketAddressBytes address) {
    if (!path.isEmpty()) {
      return address.path().equals(Optional.of(path));
    }
    Optional<InetSocketAddress> inet = address.inet();
    return inet.isPresent()
        && inet.get().getPort() == port
        && (host.isEmpty() || inet.get().getAddress().getHostAddress().equals(host));
  }
}
