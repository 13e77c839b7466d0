package dev.tine.run;

import dev.tine.sys.Pidfd;
import dev.tine.sys.Waiter;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The one thread of a monitor: waits for descriptors, times and posted tasks, and runs what was
 * asked for.
 *
 * <p>All methods are for that thread, but {@link #post}.
 */
final class Loop implements AutoCloseable {
  private final Map<Integer, Runnable> watched = new LinkedHashMap<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong((Timer timer) -> timer.atNanos));
  private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();
  private final long beginNanos = System.nanoTime();
  private final int bell = Waiter.bell();
  private boolean stopped;

  /** A task at a time. */
  static final class Timer {
    private final long atNanos;
    private final Runnable task;
    private boolean cancelled;

    private Timer(long atNanos, Runnable task) {
      this.atNanos = atNanos;
      this.task = task;
    }

    void cancel() {
      cancelled = true;
    }
  }

  /** Runs {@code task} whenever the descriptor is readable or at its end, until unwatched. */
  void watch(int fd, Runnable task) {
    watched.put(fd, task);
  }

  void unwatch(int fd) {
    watched.remove(fd);
  }

  /** Runs {@code task} once, after {@code delay}. */
  Timer after(Duration delay, Runnable task) {
    var timer = new Timer(now() + delay.toNanos(), task);
    timers.add(timer);
    return timer;
  }

  /** Runs {@code task} soon. May be called by any thread. */
  void post(Runnable task) {
    posted.add(task);
    Waiter.ring(
        bell); // after the task is there: the loop looks for it when it has cleared the bell
  }

  /** Ends {@link #run} when what runs now is done. */
  void stop() {
    stopped = true;
  }

  /** Runs until {@link #stop}. */
  void run() {
    while (!stopped) {
      runDue();
      runPosted();
      if (!stopped) {
        runReadable();
      }
    }
  }

  private void runReadable() {
    int[] fds = new int[watched.size() + 1];
    fds[0] = bell;
    int n = 1;
    for (int fd : watched.keySet()) {
      fds[n++] = fd;
    }
    boolean[] readable = Waiter.readable(fds, millisToNext());
    if (readable[0]) {
      Waiter.clear(bell);
    }
    for (int i = 1; i < n && !stopped; i++) {
      // Asked again: what ran before may have closed it, and the number may be another file's.
      Runnable task = readable[i] ? watched.get(fds[i]) : null;
      if (task != null) {
        task.run();
      }
    }
  }

  private void runPosted() {
    for (Runnable task = posted.poll(); task != null && !stopped; task = posted.poll()) {
      task.run();
    }
  }

  private void runDue() {
    long now = now();
    for (Timer timer = timers.peek();
        timer != null && (timer.cancelled || timer.atNanos <= now) && !stopped;
        timer = timers.peek()) {
      timers.remove();
      if (!timer.cancelled) {
        timer.task.run();
      }
    }
  }

  private int millisToNext() {
    for (Timer timer = timers.peek(); timer != null; timer = timers.peek()) {
      if (!timer.cancelled) {
        long nanos = Math.max(0, timer.atNanos - now());
        return (int) Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
      }
      timers.remove();
    }
    return posted.isEmpty() ? -1 : 0;
  }

  private long now() {
    return System.nanoTime() - beginNanos;
  }

  @Override
  public void close() {
    Pidfd.close(bell);
  }
}
