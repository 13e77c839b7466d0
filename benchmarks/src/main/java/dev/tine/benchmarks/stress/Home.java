package dev.tine.benchmarks.stress;

import dev.tine.sys.Pidfd;

/** Tells the process that was started from those that were forked. */
final class Home {
  /** The exit code of a process in which a check failed. */
  static final int WRONG = 250;

  private static final int PID = Pidfd.self();

  private Home() {}

  static boolean isHere() {
    return Pidfd.self() == PID;
  }

  /** Ends this process, which is not what it should be. */
  static void wrong(String what, Throwable cause) {
    System.err.printf("process %d, forked from %d: wrong: %s%n", Pidfd.self(), PID, what);
    cause.printStackTrace();
    Runtime.getRuntime().halt(WRONG);
  }
}
