package dev.tine.process;

import dev.tine.sys.Errno;
import dev.tine.sys.FileCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.Poller;
import java.util.function.IntConsumer;

/**
 * A descriptor that a loop waits for, and its owner. Its methods are called under the lock of
 * whoever uses it.
 */
final class Watch {
  /**
   * Whoever uses a watch.
   *
   * @param ready called by the loop when something is heard
   * @param disown called in a forked child, to which nothing belongs that was its parent's
   */
  record User(IntConsumer ready, Runnable disown) {}

  private final EventLoop loop;
  private final long key;
  private final int fd;
  private final int owner = Pidfd.self();
  private boolean known;
  private boolean closed;

  /** What it waits for until {@link #unwanted()}; 0: it waits once, or not at all. */
  private int lasting;

  private boolean wasUnwanted;

  Watch(EventLoop loop, long key, int fd) {
    this.loop = loop;
    this.key = key;
    this.fd = fd;
  }

  /** The number; it is open as long as {@link #isClosed()} is false. */
  int fd() {
    return fd;
  }

  boolean isClosed() {
    return closed;
  }

  /**
   * Whether this is the process that it was opened in. Asked before the descriptor is used: a child
   * that was forked meanwhile must not read what is its parent's, nor signal its parent's children.
   */
  boolean isOurs() {
    return Pidfd.self() == owner;
  }

  /** Waits until one of the events comes, once. Errors and hang-ups are heard of without asking. */
  void arm(int events) {
    set(events | Poller.ONCE);
    lasting = 0;
  }

  /**
   * Waits for the events each time they come, which saves a system call for each of them as long as
   * whoever hears of one wants the next. Who does not calls {@link #unwanted()}.
   */
  void armLasting(int events) {
    if (wasUnwanted) {
      arm(events);
    } else if (lasting != events) {
      set(events);
      lasting = events;
    }
  }

  /** Something was heard of that is not wanted now: from here on it waits once each time. */
  void unwanted() {
    if (lasting != 0) {
      wasUnwanted = true;
      // Once, and not for nothing: a hang-up would be heard of again and again.
      arm(0);
    }
  }

  private void set(int events) {
    Poller poller = loop.poller();
    int error = known ? poller.change(fd, events, key) : poller.add(fd, events, key);
    if (error < 0) {
      throw new IllegalStateException(
          "cannot wait for descriptor " + fd + ": " + Errno.text(-error));
    }
    known = true;
  }

  /** Closes the descriptor. Nothing more is heard. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (known) {
      // A close alone would leave it in the set if another process has the same file open, as a
      // forked worker may.
      var _ = loop.poller().remove(fd);
    }
    FileCall.close(fd);
    loop.forget(key);
  }
}
