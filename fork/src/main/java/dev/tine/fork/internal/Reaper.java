package dev.tine.fork.internal;

import dev.tine.sys.Waiter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The thread that waits for the ends of children, and reaps each by its own pidfd: never {@code
 * waitpid(-1)}, so that other children of the process, and others who wait for theirs, are not
 * disturbed.
 *
 * <p>Its copy in a child goes on with what it was watching: children of the parent. When one ends,
 * it cannot be reaped there, and {@link ChildProcess} says so.
 */
final class Reaper {
  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final List<ChildProcess> CHILDREN = new ArrayList<>();
  private static int bell = -1;

  private Reaper() {}

  static void watch(ChildProcess child) {
    LOCK.lock();
    try {
      CHILDREN.add(child);
      if (bell < 0) {
        bell = Waiter.bell();
        Thread.ofPlatform().daemon().name("tine-reaper").start(Reaper::run);
      } else {
        Waiter.ring(bell);
      }
    } finally {
      LOCK.unlock();
    }
  }

  private static void run() {
    while (true) {
      List<ChildProcess> watched;
      LOCK.lock();
      try {
        watched = List.copyOf(CHILDREN);
      } finally {
        LOCK.unlock();
      }
      int[] fds = new int[watched.size() + 1];
      fds[0] = bell;
      for (int i = 0; i < watched.size(); i++) {
        fds[i + 1] = watched.get(i).pidfd();
      }
      boolean[] ready = Waiter.readable(fds, -1);
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
}
