package dev.tine.prefork;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;

/** Something that happened to the monitor, its mold or one of its workers. */
sealed interface Event {
  record Started() implements Event {}

  record WorkerExited(int id, long pid, ExitStatus status) implements Event {}

  record WorkerNotForked(int id, String reason) implements Event {}

  /** The pause after {@link WorkerNotForked} is over. */
  record RetryDue(int id) implements Event {}

  record MoldExited(int generation, long pid, ExitStatus status) implements Event {}

  record StopRequested(Signal signal) implements Event {}

  /**
   * From now on one more {@link StopRequested} is a second request, not the first delivered twice.
   */
  record RepeatWindowOver() implements Event {}

  /** The thread that supervises was interrupted. */
  record Interrupted() implements Event {}

  /** The monitor's JVM ends, and not because the monitor said so. */
  record JvmShutdown() implements Event {}

  record GraceOver() implements Event {}
}
