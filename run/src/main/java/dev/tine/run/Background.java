package dev.tine.run;

import java.util.Optional;

/** Threads beside the loop's, for what has to wait. The last one left does not keep a monitor. */
final class Background {
  /** Why there is none, for a person. */
  static final String NO_THREAD =
      "no thread for it: the limit of processes (ulimit -u, pids.max) is reached";

  private Background() {}

  /** Starts one; empty: the system has none to give, as when the limit of processes is reached. */
  static Optional<Thread> start(String name, Runnable task) {
    try {
      return Optional.of(Thread.ofPlatform().daemon().name(name).start(task));
    } catch (OutOfMemoryError e) {
      // This is how the JDK tells EAGAIN of clone(2). Let through on the loop's thread, it would
      // end the monitor, and with it all workers, at a moment in which they only cannot be more.
      return Optional.empty();
    }
  }
}
