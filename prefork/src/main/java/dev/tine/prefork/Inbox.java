package dev.tine.prefork;

import static java.util.Comparator.comparingLong;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The monitor's events: any thread posts, the monitor's thread takes and schedules.
 *
 * <p>Posted events come before scheduled ones that are due: a worker that exited in time is never
 * killed for being late.
 */
final class Inbox {
  private record Timer(long deadlineNanos, Event event) {}

  private final BlockingQueue<Event> posted = new LinkedBlockingQueue<>();
  private final long originNanos = System.nanoTime();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(comparingLong(Timer::deadlineNanos));

  void post(Event event) {
    posted.add(event);
  }

  void postAfter(Duration delay, Event event) {
    timers.add(new Timer(now() + delay.toNanos(), event));
  }

  /** The next event; blocks until there is one. */
  Event take() throws InterruptedException {
    if (timers.isEmpty()) {
      return posted.take();
    }
    long waitNanos = Math.max(0, timers.element().deadlineNanos() - now());
    return Optional.ofNullable(posted.poll(waitNanos, NANOSECONDS))
        .orElseGet(() -> timers.remove().event());
  }

  private long now() {
    return System.nanoTime() - originNanos;
  }
}
