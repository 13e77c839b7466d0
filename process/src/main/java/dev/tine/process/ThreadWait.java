package dev.tine.process;

import dev.tine.sys.FileCall;
import dev.tine.sys.SystemCallException;
import dev.tine.sys.Waiter;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.Optional;

/**
 * A wait for a pidfd on the thread that wants to know, which saves the change of threads that a
 * wait by the loop costs. It ends by an interrupt, too: that is what channels are closed by, so it
 * is one.
 */
final class ThreadWait extends AbstractInterruptibleChannel {
  private final int bell;

  private ThreadWait(int bell) {
    this.bell = bell;
  }

  /** Empty: there is no descriptor to be had for it. */
  static Optional<ThreadWait> open() {
    try {
      return Optional.of(new ThreadWait(Waiter.bell()));
    } catch (SystemCallException e) {
      return Optional.empty();
    }
  }

  /**
   * Waits; whether the end was heard of. If not, it was the time, a {@linkplain #ring() ring}, a
   * fork, or an interrupt, which stays set.
   */
  boolean await(int pidfd, long limitNanos) {
    long millis = Math.min(limitNanos / 1_000_000 + 1, Integer.MAX_VALUE);
    begin(); // from here on an interrupt rings
    try {
      return Waiter.readable(new int[] {pidfd, bell}, (int) millis)[0];
    } finally {
      try {
        end(true);
      } catch (AsynchronousCloseException e) {
        // Interrupted: the caller sees that by its thread.
      }
    }
  }

  /** Ends the wait, and the next ones. */
  void ring() {
    Waiter.ring(bell);
  }

  /** After the last wait; nobody rings any more. */
  void free() {
    FileCall.close(bell);
  }

  @Override
  protected void implCloseChannel() {
    ring();
  }
}
