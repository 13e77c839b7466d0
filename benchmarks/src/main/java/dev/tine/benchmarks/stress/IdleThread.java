package dev.tine.benchmarks.stress;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * A platform thread that waits, each in one of the ways there are, and answers when it is woken.
 */
final class IdleThread {
  private final int kind;
  private final Object monitor = new Object();
  private final Semaphore semaphore = new Semaphore(0);
  private final Pulse answers;
  private final Thread thread;
  private volatile long asked;

  IdleThread(int number) {
    kind = number % 4;
    answers = new Pulse("idle thread " + number);
    thread = Thread.ofPlatform().daemon().name("idle-" + number).start(this::run);
  }

  /** Wakes it and waits for its answer. */
  void wake() throws TimeoutException, InterruptedException {
    long before = answers.count().get();
    synchronized (monitor) {
      asked++;
      monitor.notifyAll();
    }
    semaphore.release();
    if (kind == 3) {
      thread.interrupt();
    } else {
      LockSupport.unpark(thread);
    }
    answers.awaitAfter(before);
  }

  private void run() {
    for (long answered = 0; ; answered++) {
      await(answered);
      answers.beat();
    }
  }

  private void await(long answered) {
    while (asked == answered) {
      try {
        switch (kind) {
          case 0 -> LockSupport.park(this);
          case 1 -> {
            synchronized (monitor) {
              if (asked == answered) {
                monitor.wait();
              }
            }
          }
          case 2 -> semaphore.acquire();
          default -> Thread.sleep(Long.MAX_VALUE);
        }
      } catch (InterruptedException e) {
        // the way in which a sleeping one is woken
      }
    }
  }
}
