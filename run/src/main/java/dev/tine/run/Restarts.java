package dev.tine.run;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * When the successor of a worker is made: at once, or later if it keeps dying early. Pure: ages are
 * handed in.
 */
final class Restarts {
  /** A worker that lives shorter has not served. */
  static final Duration EARLY = Duration.ofSeconds(1);

  private static final Duration FIRST_DELAY = Duration.ofMillis(100);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(10);

  private final Optional<Integer> limit;
  private final Map<Integer, Duration> delays = new HashMap<>();
  private int count;

  /**
   * @param limit of all restarts together; empty: none
   */
  Restarts(Optional<Integer> limit) {
    this.limit = limit;
  }

  /** What is to be done about a worker that has ended. */
  sealed interface Decision {
    /** Make its successor after a time, which may be zero. */
    record Restart(Duration delay) implements Decision {}

    /** Stop: there have been too many. */
    record GiveUp(int restarts) implements Decision {}
  }

  /** Decides about the worker {@code id}, which lived for {@code age}. */
  Decision onExit(int id, Duration age) {
    if (limit.isPresent() && count >= limit.get()) {
      return new Decision.GiveUp(count);
    }
    count++;
    if (age.compareTo(EARLY) >= 0) {
      delays.remove(id);
      return new Decision.Restart(Duration.ZERO);
    }
    Duration last = delays.get(id);
    Duration next = last == null ? FIRST_DELAY : last.multipliedBy(2);
    Duration delay = next.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : next;
    delays.put(id, delay);
    return new Decision.Restart(delay);
  }
}
