package dev.tine.fork;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A child of this process that was made by a fork.
 *
 * <p>It is held by a pidfd, so that no signal can hit another process that got its number later. It
 * is reaped by Tine as soon as it ends; code that waits for any child of the process ({@code
 * waitpid(-1)}) takes its status away.
 *
 * <p>The copy of this object in another child is over at once, with {@link ExitStatus.Unknown}:
 * only a parent knows how its children end.
 *
 * <p>All methods may be called by any thread.
 */
public interface ForkedProcess {

  /** The process id; another process may have it once this one has ended. */
  long pid();

  /**
   * Waits for the process to end.
   *
   * @return how it ended
   * @throws InterruptedException if the calling thread is interrupted; the process is not affected
   */
  ExitStatus waitFor() throws InterruptedException;

  /**
   * Waits for the process to end, at most for a time.
   *
   * @return how it ended; empty if it is still running
   * @throws InterruptedException if the calling thread is interrupted; the process is not affected
   */
  Optional<ExitStatus> waitFor(Duration timeout) throws InterruptedException;

  /**
   * A future that is completed with the status when the process has ended; never exceptionally.
   *
   * <p>Each call returns a new one. Dependents without an executor run on a thread of their own,
   * and may block.
   */
  CompletableFuture<ExitStatus> onExit();

  /** Whether the process has not ended, as far as is known yet. */
  boolean isAlive();

  /**
   * Sends a signal.
   *
   * @return false if the process has already ended
   * @throws IllegalStateException if this process may not signal it (it changed its user), or it is
   *     not its child but its sibling: the object was copied by a fork
   */
  boolean signal(Signal signal);
}
