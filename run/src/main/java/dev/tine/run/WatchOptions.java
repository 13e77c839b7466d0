package dev.tine.run;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Who watches a program that runs.
 *
 * @param http where metrics and the status page are served; empty: nowhere
 * @param hook a command that is run for each event; empty: none
 * @param hookTimeout after which it is killed
 */
public record WatchOptions(Optional<HttpAddress> http, List<String> hook, Duration hookTimeout) {

  /** Copies the list. */
  public WatchOptions {
    hook = List.copyOf(hook);
  }
}
