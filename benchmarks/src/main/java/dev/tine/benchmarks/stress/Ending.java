package dev.tine.benchmarks.stress;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;

/** A way for a child to end. */
enum Ending {
  EXIT,
  HALT,
  /** Sleeps until its parent kills it. */
  KILLED,
  /** Sleeps until its parent sends SIGTERM, upon which a JVM exits with 128 + 15. */
  TERMINATED,
  /** Forks, and exits with the status of its child. */
  PASSED_ON;

  private static final Ending[] ALL = values();

  /** Each in turn. */
  static Ending of(int number) {
    return ALL[number % ALL.length];
  }

  boolean sleeps() {
    return this == KILLED || this == TERMINATED;
  }

  Signal signal() {
    return this == KILLED ? Signal.KILL : Signal.TERM;
  }

  /** What the parent sees of a child that was to exit with {@code code}. */
  ExitStatus status(int code) {
    return switch (this) {
      case KILLED -> new ExitStatus.Signaled(Signal.KILL, false);
      case TERMINATED -> new ExitStatus.Exited(128 + Signal.TERM.number());
      case EXIT, HALT, PASSED_ON -> new ExitStatus.Exited(code);
    };
  }
}
