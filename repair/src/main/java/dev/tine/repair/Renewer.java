package dev.tine.repair;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Renews generators in a child while the program's threads are suspended.
 *
 * <p>In a thread of its own, because it calls code of others, which may wait for a lock that a
 * suspended thread holds. If it is not done in time, the program's threads go on, and so does it.
 */
final class Renewer {
  /** The name of its thread, which is not suspended. */
  static final String NAME = "tine-renewer";

  private static final int LIMIT_MILLIS = 5_000;
  private static final int LATE_MILLIS = 10_000;

  /** What could not be done; for the log, which is not to be asked before the program runs. */
  private final List<String> failures = new CopyOnWriteArrayList<>();

  private @Nullable Thread late;

  /** Renews them all; returns when that is done, or the time is over. */
  void renew(Object[] generators) {
    boolean[] done = new boolean[generators.length];
    for (int i = 0; i < generators.length; i++) {
      // Another thread would not get its lock before the caller of fork() gives it up.
      if (Thread.holdsLock(generators[i])) {
        renew(generators[i]);
        done[i] = true;
      }
    }
    Work work = new Work(generators, done);
    Thread thread = new Thread(null, work, NAME, 0, false);
    thread.setDaemon(true);
    thread.start();
    while (!work.finished) {
      // Not by a lock of Java: a virtual thread would leave its carrier, which is suspended.
      if (!Jvmti.await(LIMIT_MILLIS)) {
        late = thread;
        return;
      }
    }
  }

  /** Waits for what was late, and logs what could not be done; the program runs. */
  void report() {
    Thread thread = late;
    if (thread != null) {
      late = null;
      try {
        thread.join(LATE_MILLIS);
        if (thread.isAlive()) {
          failures.add("the others: one waits for a lock that the program holds");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (!failures.isEmpty()) {
      System.Logger log = System.getLogger("dev.tine.fork");
      for (String failure : failures) {
        log.log(
            System.Logger.Level.WARNING,
            "This child may draw the same random numbers as its parent: cannot renew {0}",
            failure);
      }
      failures.clear();
    }
  }

  private void renew(Object generator) {
    try {
      Renewals.renew(generator);
    } catch (Throwable e) { // whatever code of others throws, the fork has come off
      failures.add(generator.getClass().getName() + ": " + e);
    }
  }

  /** What the thread does. */
  private final class Work implements Runnable {
    private final Object[] generators;
    private final boolean[] done;
    private volatile boolean finished;

    Work(Object[] generators, boolean[] done) {
      this.generators = generators;
      this.done = done;
    }

    @Override
    public void run() {
      for (int i = 0; i < generators.length; i++) {
        if (!done[i]) {
          renew(generators[i]);
        }
      }
      finished = true;
      Jvmti.done();
    }
  }
}
