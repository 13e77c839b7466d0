package dev.tine.run;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks a process whether it is ready: it is if it answers 2xx.
 *
 * @param path of the request
 */
record ReadyProbe(Loop loop, InetSocketAddress address, String path) {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final String FIELDS = "User-Agent: tine\r\nAccept: */*\r\nConnection: close\r\n";

  /** Asks once, in a thread of its own; tells on the loop why it is not ready, or "". */
  void ask(Consumer<String> answer) {
    Optional<Thread> asker =
        Background.start(
            "tine-ready",
            () -> {
              String reason = reason();
              loop.post(() -> answer.accept(reason));
            });
    if (asker.isEmpty()) {
      loop.post(() -> answer.accept(Background.NO_THREAD));
    }
  }

  private String reason() {
    try (var connection = new HttpConnection(address, LIMIT)) {
      int status = connection.get(path, FIELDS);
      return status >= 200 && status < 300 ? "" : "answers " + status;
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
