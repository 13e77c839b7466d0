package dev.tine.fork.internal;

import dev.tine.fork.ForkException;
import dev.tine.sys.Errno;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.Stage;
import dev.tine.sys.SystemCallException;
import java.util.concurrent.locks.ReentrantLock;

/** The monitor's end of the socket to a mold. */
public final class Orders {
  private static final int CLOSED = -1;

  private final ReentrantLock lock = new ReentrantLock();
  private int fd;

  /** Takes the socket over. */
  public Orders(int fd) {
    this.fd = fd;
  }

  /** A new pair of sockets, owned by the caller. */
  public static OrderCall.Pair open() {
    Support.checkOnce(); // before the first native call: it says better what is missing
    try {
      return OrderCall.pair();
    } catch (SystemCallException e) {
      throw new ForkException(
          ForkException.Stage.ORDER, e.errno(), "cannot fork a mold: " + e.getMessage());
    }
  }

  /** Orders a worker; its pid. */
  public int worker(int id, int deathSignal, String title) {
    lock.lock();
    try {
      if (fd == CLOSED) {
        throw new ForkException(
            ForkException.Stage.ORDER, Errno.EPERM, "cannot fork a worker: the mold is closed");
      }
      OrderCall.Answer answer = OrderCall.worker(fd, id, deathSignal, title);
      if (answer.stage() == Stage.NONE) {
        return answer.pid();
      }
      if (answer.stage() == Stage.ORDER && answer.errno() == Errno.ETIMEDOUT) {
        // Its answer may still come, and would be taken for that to the next order.
        close();
      }
      if (answer.pid() > 0) {
        reap(answer.pid());
      }
      throw Failures.of(answer);
    } finally {
      lock.unlock();
    }
  }

  /** Leaves a worker that has failed, and ended, to the reaper: it may take its time to be gone. */
  private static void reap(int pid) {
    try {
      ChildProcess.ofMold(pid);
    } catch (ForkException e) {
      // No descriptor was free for that. It is reaped, and why it failed is told by our caller.
    }
  }

  /** Idempotent. */
  public void close() {
    lock.lock();
    try {
      if (fd != CLOSED) {
        Pidfd.close(fd);
        fd = CLOSED;
      }
    } finally {
      lock.unlock();
    }
  }
}
