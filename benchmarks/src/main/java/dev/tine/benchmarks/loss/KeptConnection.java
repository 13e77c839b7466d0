package dev.tine.benchmarks.loss;

import dev.tine.benchmarks.client.Connection;
import java.io.IOException;
import java.util.Optional;

/** A connection for one request after the other, until the server closes it; then another one. */
final class KeptConnection {
  private final int port;
  private final int limitMillis;
  private Optional<Connection> current = Optional.empty();
  private boolean isReused;

  KeptConnection(int port, int limitMillis) {
    this.port = port;
    this.limitMillis = limitMillis;
  }

  /** Connects if it is not. */
  Connection connection() throws IOException {
    isReused = current.isPresent();
    if (current.isEmpty()) {
      current = Optional.of(new Connection(port, limitMillis));
    }
    return current.get();
  }

  /** Whether the connection has answered before. */
  boolean isReused() {
    return isReused;
  }

  void drop() throws IOException {
    if (current.isPresent()) {
      current.get().close();
      current = Optional.empty();
    }
  }
}
