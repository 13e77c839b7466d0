package dev.tine.run;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a program is warmed before it is frozen.
 *
 * @param paths requested in turn; empty: the ready path, or "/"
 * @param requests how many; empty: until {@code time}
 * @param time how long; empty, as {@code requests}: until it gets no faster
 */
public record WarmupOptions(
    List<String> paths, Optional<Integer> requests, Optional<Duration> time) {
  /** Copies the list. */
  public WarmupOptions {
    paths = List.copyOf(paths);
  }

  /** No request at all. */
  public boolean isNone() {
    return requests.equals(Optional.of(0)) || time.equals(Optional.of(Duration.ZERO));
  }
}
