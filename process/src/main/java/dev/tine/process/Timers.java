package dev.tine.process;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** What is to be done later. Any thread adds; one takes what is due. */
final class Timers {
  private final PriorityQueue<Timer> queue = new PriorityQueue<>();
  private long added;

  /** Something that is to be done at a time, unless it is cancelled before. */
  final class Timer implements Comparable<Timer> {
    private final long atNanos;
    private final long number;
    private final Runnable task;

    private Timer(long atNanos, long number, Runnable task) {
      this.atNanos = atNanos;
      this.number = number;
      this.task = task;
    }

    void cancel() {
      synchronized (Timers.this) {
        queue.remove(this);
      }
    }

    @Override
    public int compareTo(Timer other) {
      // As nanoTime() wants it, which may overflow.
      int byTime = Long.signum(atNanos - other.atNanos);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  synchronized Timer add(long atNanos, Runnable task) {
    Timer timer = new Timer(atNanos, added++, task);
    queue.add(timer);
    return timer;
  }

  /** Time until the first is due; -1: there is none. */
  synchronized long nanosUntilNext(long nowNanos) {
    Timer next = queue.peek();
    return next == null ? -1 : Math.max(0, next.atNanos - nowNanos);
  }

  synchronized boolean isEmpty() {
    return queue.isEmpty();
  }

  /** Takes what is due, in its order. */
  synchronized List<Runnable> due(long nowNanos) {
    List<Runnable> due = new ArrayList<>();
    for (Timer next; (next = queue.peek()) != null && next.atNanos - nowNanos <= 0; ) {
      due.add(next.task);
      queue.remove();
    }
    return due;
  }
}
