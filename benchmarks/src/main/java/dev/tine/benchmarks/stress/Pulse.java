package dev.tine.benchmarks.stress;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** A sign of life: counts on as long as what it belongs to goes on. */
record Pulse(String name, AtomicLong count) {
  /** Less than a child may take in all, so that it can say itself what does not go on. */
  static final Duration LIMIT = Duration.ofSeconds(40);

  Pulse(String name) {
    this(name, new AtomicLong());
  }

  void beat() {
    count.incrementAndGet();
  }

  /** Waits until it has gone on from {@code before}. */
  void awaitAfter(long before) throws TimeoutException, InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (count.get() == before) {
      if (System.nanoTime() > deadline) {
        throw new TimeoutException(name + " does not go on");
      }
      Thread.sleep(1);
    }
  }

  void awaitNext() throws TimeoutException, InterruptedException {
    awaitAfter(count.get());
  }
}
