package dev.tine.process;

import java.time.Duration;

/**
 * Until when output is read. A subprocess may leave others behind that have its pipe open, such as
 * a daemon it started: its output then has no end, although it has.
 */
public sealed interface OutputEnd {
  /** How long output may follow the end of the subprocess if nothing else is said. */
  Duration DEFAULT_GRACE = Duration.ofMillis(500);

  /** Until nobody can write any more, for as long as that takes. */
  static OutputEnd untilEof() {
    return new UntilEof();
  }

  /** Until nobody can write any more, at most half a second after the subprocess has ended. */
  static OutputEnd untilExit() {
    return new UntilExit(DEFAULT_GRACE);
  }

  /** Until nobody can write any more, at most some time after the subprocess has ended. */
  static OutputEnd untilExit(Duration grace) {
    return new UntilExit(grace);
  }

  /** See {@link OutputEnd#untilEof()}. */
  record UntilEof() implements OutputEnd {}

  /** See {@link OutputEnd#untilExit(Duration)}. */
  record UntilExit(Duration grace) implements OutputEnd {
    /** Refuses a time below zero. */
    public UntilExit {
      if (grace.isNegative()) {
        throw new IllegalArgumentException("a time below zero: " + grace);
      }
    }
  }
}
