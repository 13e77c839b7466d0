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
    // An object of its own: two calls with the same task are told apart, see runReadable().
    watched.put(fd, new Watch(task));
  }

  /** A call of {@link #watch}, equal to itself only. */
  private static final class Watch implements Runnable {
    private final Runnable task;

    private Watch(Runnable task) {
      this.task = task;
    }

    @Override
    public void run() {
      task.run();
    }
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
    int count = watched.size() + 1;
    int[] fds = new int[count];
    Runnable[] tasks = new Runnable[count];
    fds[0] = bell;
    tasks[0] = () -> Waiter.clear(bell);
    int n = 1;
    for (var entry : watched.entrySet()) {
      fds[n] = entry.getKey();
      tasks[n++] = entry.getValue();
    }
    boolean[] readable = Waiter.readable(fds, millisToNext());
    for (int i = 0; i < count && !stopped; i++) {
      // Looked up again: what ran before may have closed this file, and even opened another of the
      // same number, which would be read from though there is nothing.
      if (readable[i] && (i == 0 || tasks[i].equals(watched.get(fds[i])))) {
        tasks[i].run();
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
