package dev.tine.process;

import java.time.Duration;

/** How a subprocess ended. */
public sealed interface ExitStatus {

  /**
   * It called exit.
   *
   * @param code 0 to 255; by convention 0 means success
   */
  record Exited(int code, Usage usage, Duration wallTime) implements ExitStatus {
    @Override
    public String toString() {
      return "exited with status " + code;
    }
  }

  /**
   * A signal ended it.
   *
   * @param coreDumped whether the kernel wrote a core dump
   */
  record Signaled(Signal signal, boolean coreDumped, Usage usage, Duration wallTime)
      implements ExitStatus {
    @Override
    public String toString() {
      return "killed by " + signal + (coreDumped ? " (core dumped)" : "");
    }
  }

  /**
   * It has ended, and nobody can say how: something else in this process has reaped it, or {@code
   * SIGCHLD} is ignored.
   *
   * @param reason why, for people
   */
  record Unknown(String reason, Duration wallTime) implements ExitStatus {
    @Override
    public String toString() {
      return "ended in an unknown way: " + reason;
    }

    @Override
    public Usage usage() {
      return Usage.NONE;
    }
  }

  /** What it used; all zero if its end is {@link Unknown}. */
  Usage usage();

  /** The time from before its start until its end was seen. */
  Duration wallTime();

  /** Whether it exited with code 0. */
  default boolean isSuccess() {
    return this instanceof Exited exited && exited.code() == 0;
  }

  /**
   * The exit code, or minus the number of the signal, as Python has it.
   *
   * @throws IllegalStateException if the end is {@link Unknown}
   */
  default int returnCode() {
    return switch (this) {
      case Exited exited -> exited.code();
      case Signaled signaled -> -signaled.signal().number();
      case Unknown unknown -> throw new IllegalStateException(unknown.toString());
    };
  }
}
