package dev.tine.run;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;

/**
 * GET requests to a program that boots, at its private address. Connections are kept alive where
 * the program keeps them.
 *
 * @param path with query, begins with "/"
 */
record Http(InetSocketAddress address, String path) {
  private static final int BUFFER = 16 * 1024;

  /**
   * The status code.
   *
   * @throws IOException also if it does not speak HTTP, or takes longer than {@code limit}
   */
  int get(Duration limit) throws IOException {
    var connection = (HttpURLConnection) url().toURL().openConnection(Proxy.NO_PROXY);
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout((int) limit.toMillis());
    connection.setReadTimeout((int) limit.toMillis());
    connection.setRequestProperty("User-Agent", "tine");
    int status = connection.getResponseCode();
    if (status < 0) {
      connection.disconnect();
      throw new IOException("it does not speak HTTP");
    }
    // Read to its end: only then can the connection be used again.
    try (InputStream body =
        status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
      byte[] buffer = new byte[BUFFER];
      while (body != null && body.read(buffer) >= 0) {
        // thrown away
      }
    }
    return status;
  }

  private URI url() throws IOException {
    InetAddress host = address.getAddress();
    String name =
        host instanceof Inet6Address ? "[" + host.getHostAddress() + "]" : host.getHostAddress();
    try {
      return new URI("http://" + name + ":" + address.getPort() + path);
    } catch (URISyntaxException e) {
      throw new IOException("not a path: " + path, e);
    }
  }
}
