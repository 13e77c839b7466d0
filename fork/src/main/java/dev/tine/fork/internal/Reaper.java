package dev.tine.fork.internal;

import dev.tine.sys.Pidfd;
import dev.tine.sys.SystemCallException;
import dev.tine.sys.Waiter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The thread that waits for the ends of children, and reaps each by its own pidfd: never {@code
 * waitpid(-1)}, so that other children of the process, and others who wait for theirs, are not
 * disturbed.
 *
 * <p>While there are no children it waits as Java code does, and not in poll(2): HotSpot's exit
 * gives threads that are in native code 300 ms to come back, in each process that ends. So its copy
 * in a child forgets the children of the parent at once; for {@link ChildProcess} they are over
 * there.
 */
final class Reaper {
  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final Condition CHILD_CAME = LOCK.newCondition();
  private static final List<ChildProcess> CHILDREN = new ArrayList<>();
  private static volatile int bell = -1;
  private static volatile boolean isPolling;

  private Reaper() {}

  /**
   * Makes sure that a child which is forked now can be waited for: afterwards it may be too late
   * for a thread or a descriptor. In turn, as forks are. Throws {@link SystemCallException}, or
   * {@link OutOfMemoryError}.
   */
  static void prepare() {
    if (bell < 0) {
      start();
    }
  }

  /** Reaps a child when it has ended; after {@link #prepare}. */
  static void watch(ChildProcess child) {
    LOCK.lock();
    try {
      CHILDREN.add(child);
      CHILD_CAME.signal();
      Waiter.ring(bell);
    } finally {
      LOCK.unlock();
    }
  }

  private static void start() {
    int made = Waiter.bell();
    bell = made; // before the start: it is what the thread waits for
    try {
      Thread.ofPlatform().daemon().name("tine-reaper").start(Reaper::run);
    } catch (Throwable e) { // OutOfMemoryError: one thread too many; the next fork tries again
      bell = -1;
      Pidfd.close(made);
      throw e;
    }
  }

  /** In a child, by the thread that forked. Takes no lock: others may have held it at the fork. */
  static void inChild() {
    if (isPolling) {
      Waiter.ring(bell);
    }
  }

  private static void run() {
    while (true) {
      List<ChildProcess> watched = awaitChildren();
      int[] fds = new int[watched.size() + 1];
      fds[0] = bell;
      for (int i = 0; i < watched.size(); i++) {
        fds[i + 1] = watched.get(i).pidfd();
      }
      boolean[] ready = Waiter.readable(fds, -1);
      isPolling = false;
      if (ready[0]) {
        Waiter.clear(bell); // before the list is read again: a child added after that rings again
      }
      List<ChildProcess> gone = new ArrayList<>();
      for (int i = 0; i < watched.size(); i++) {
        if (ready[i + 1] && watched.get(i).reap()) {
          gone.add(watched.get(i));
        }
      }
      LOCK.lock();
      try {
        CHILDREN.removeAll(gone);
      } finally {
        LOCK.unlock();
      }
    }
  }

  private static List<ChildProcess> awaitChildren() {
    LOCK.lock();
    try {
      while (true) {
        // Before the look at the owners: a fork between the two finds it set, and rings. The other
        // way round its
        // child would poll for the parent's children.
        isPolling = true;
        CHILDREN.removeIf(ChildProcess::isForeign);
        if (!CHILDREN.isEmpty()) {
          return List.copyOf(CHILDREN);
        }
        isPolling = false;
        CHILD_CAME.awaitUninterruptibly();
      }
    } finally {
      LOCK.unlock();
    }
  }
}
