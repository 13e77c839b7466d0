package dev.tine.process;

import dev.tine.sys.Errno;
import dev.tine.sys.FileCall;
import dev.tine.sys.Poller;
import dev.tine.sys.SystemCallException;
import dev.tine.sys.Waiter;

/** What wakes the thread that waits in a poller. Rung by any thread. */
final class Bell {
  private final int fd;
  private boolean closed;

  private Bell(int fd) {
    this.fd = fd;
  }

  /** A bell that the poller hears. If there is none to be had, the poller is closed, too. */
  static Bell of(Poller poller, long key) {
    int bell;
    try {
      bell = Waiter.bell();
    } catch (SystemCallException e) {
      poller.close();
      throw e;
    }
    int error = poller.add(bell, Poller.READABLE, key);
    if (error < 0) {
      FileCall.close(bell);
      poller.close();
      throw new IllegalStateException("cannot wait for subprocesses: " + Errno.text(-error));
    }
    return new Bell(bell);
  }

  synchronized void ring() {
    if (!closed) { // or its number may be another file's
      Waiter.ring(fd);
    }
  }

  /** It was heard. For the thread that waits. */
  void clear() {
    Waiter.clear(fd);
  }

  synchronized void close() {
    closed = true;
    FileCall.close(fd);
  }
}
