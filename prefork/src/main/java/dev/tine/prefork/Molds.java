package dev.tine.prefork;

import dev.tine.fork.ForkException;
import dev.tine.fork.ForkedProcess;

/** The monitor's view of {@code dev.tine.fork.mold}: what it needs, and what its tests can fake. */
interface Molds {
  /**
   * Freezes a copy of this process.
   *
   * @return {@link Side.InMonitor} here, and {@link Side.InWorker} in every process that the copy
   *     will fork
   */
  Side freeze(String title) throws ForkException;

  /** Where {@link #freeze} returns. */
  sealed interface Side {
    record InMonitor(Handle mold) implements Side {}

    record InWorker(int id) implements Side {}
  }

  /** A mold, in the process that froze it. */
  interface Handle extends AutoCloseable {
    ForkedProcess process();

    ForkedProcess forkWorker(int id, String title) throws ForkException;

    @Override
    void close();
  }
}
