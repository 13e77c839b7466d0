package dev.tine.worker;

import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** All deadlines that are open. */
final class Deadlines {
  /** The module may be missing from a JDK that was made with jlink. */
  static final boolean AVAILABLE = ModuleLayer.boot().findModule("java.management").isPresent();

  private static final int FRAMES = 4;

  private static final Set<Open> OPEN = ConcurrentHashMap.newKeySet();

  private static volatile Count count = new Count("");

  private Deadlines() {}

  /** How many a worker has opened. */
  private static final class Count {
    private final String worker;
    private final LongAdder opened = new LongAdder();

    private Count(String worker) {
      this.worker = worker;
    }
  }

  /** One. Equal to itself only. */
  private static final class Open implements Deadline {
    private final Thread thread = Thread.currentThread();
    private final long beginNanos = System.nanoTime();
    private final String worker;
    private final Duration limit;
    private final String label;

    private Open(String worker, Duration limit, String label) {
      this.worker = worker;
      this.limit = limit;
      this.label = label;
    }

    private Duration after(long nowNanos) {
      return Duration.ofNanos(nowNanos - beginNanos);
    }

    private Duration over(long nowNanos) {
      return after(nowNanos).minus(limit);
    }

    @Override
    public void close() {
      OPEN.remove(this);
    }

    private String describe(long nowNanos) {
      var at = new StringBuilder();
      StackTraceElement[] stack = thread.getStackTrace();
      for (int i = 0; i < Math.min(FRAMES, stack.length); i++) {
        at.append(i == 0 ? "" : ", ")
            .append(stack[i].getClassName())
            .append('.')
            .append(stack[i].getMethodName());
      }
      return "overdue="
          + after(nowNanos).toMillis()
          + " limit="
          + limit.toMillis()
          + " thread=\""
          + plain(thread.getName(), 60)
          + "\" request=\""
          + plain(label, 80)
          + "\" at=\""
          + plain(at.toString(), 200)
          + "\"";
    }
  }

  /** Opens one. */
  static Deadline open(String worker, Duration limit, String label) {
    Door.open();
    countOf(worker).opened.increment();
    var open = new Open(worker, limit, label);
    OPEN.add(open);
    return open;
  }

  /** How many a worker has opened in all: a copy of another one begins with none. */
  static long opened(String worker) {
    return countOf(worker).opened.sum();
  }

  private static Count countOf(String worker) {
    Count now = count;
    return now.worker.equals(worker) ? now : begun(worker);
  }

  private static synchronized Count begun(String worker) {
    if (!count.worker.equals(worker)) {
      count = new Count(worker);
    }
    return count;
  }

  /**
   * The one that is over for longest, as text; "": none is. Those of another process do not count:
   * this one is a copy of a program in which they were open.
   */
  static String overdue(String worker) {
    // One time for all: with the clock read for each, the one that is looked at last would win.
    long nowNanos = System.nanoTime();
    Optional<Open> worst =
        OPEN.stream()
            .filter(open -> open.worker.equals(worker) && !open.over(nowNanos).isNegative())
            .max(Comparator.comparing(open -> open.over(nowNanos)));
    return worst.map(open -> open.describe(nowNanos)).orElse("");
  }

  /** One line, of characters that need no quotes within quotes. */
  private static String plain(String text, int most) {
    String cut = text.length() > most ? text.substring(0, most) : text;
    return cut.replaceAll("[^ -~]|\"", "?");
  }

  /** Where Tine asks, once a first deadline was opened. */
  private static final class Door {
    static {
      DeadlinesBean.register();
    }

    /** Initializes this class, and with that does it. */
    static void open() {}
  }
}
