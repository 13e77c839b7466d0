package dev.tine.benchmarks.stress;

import java.util.concurrent.locks.ReentrantLock;

/** Two accounts whose sum never changes, except within the lock; threads book all the time. */
final class Ledger {
  private static final long SUM = 1_000_000;

  private final ReentrantLock lock = new ReentrantLock();
  private long left = SUM;
  private long right;

  void book(long amount) {
    lock.lock();
    try {
      check();
      left -= amount;
      Thread.onSpinWait();
      right += amount;
    } finally {
      lock.unlock();
    }
  }

  void check() {
    lock.lock();
    try {
      if (left + right != SUM) {
        throw new IllegalStateException(
            "accounts of %d and %d do not sum up to %d".formatted(left, right, SUM));
      }
    } finally {
      lock.unlock();
    }
  }
}
