package dev.tine.run;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Asks a process whether it is ready: it is if it answers 2xx.
 *
 * @param path of the request
 */
record ReadyProbe(Loop loop, InetSocketAddress address, String path) {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  /** Asks once, in a thread of its own; tells on the loop why it is not ready, or "". */
  void ask(Consumer<String> answer) {
    Thread.ofPlatform()
        .daemon()
        .name("tine-ready")
        .start(() -> {
          String reason = reason();
          loop.post(() -> answer.accept(reason));
        });
  }

  private String reason() {
    try {
      int status = new Http(address, path).get(LIMIT);
      return status >= 200 && status < 300 ? "" : "answers " + status;
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
