package dev.tine.repair;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The answer to the question whether this JVM is alive: who gives it has run Java code, and has
 * allocated. Where the heap is full, that takes as long as it takes every other thread.
 */
final class Beat {
  /** The answer of a JVM that has no memory for another one. */
  private static final String NO_MEMORY = "memory";

  /** Small: it should fail only where everything else does. */
  private static final int ALLOCATION = 16 * 1024;

  private static final byte[] NOTHING = new byte[0];

  /** The module may be missing from a JDK that was made with jlink. */
  private static final boolean MANAGED =
      ModuleLayer.boot().findModule("java.management").isPresent();

  /** Volatile: or the compiler would see that nobody reads it, and allocate nothing. */
  @SuppressWarnings("UnusedVariable")
  private static volatile byte[] allocated = NOTHING;

  private Beat() {}

  /** Loads everything that an answer needs: a child may be asked while its class loaders hang. */
  static void prepare() {
    answer(true);
    if (MANAGED) {
      Management.describe(new long[] {Thread.currentThread().getId()});
      Deadlines.prepare();
    }
  }

  /**
   * {@code gc=MS}: for how long it has collected garbage so far, -1: unknown. With {@code
   * deadlocked=N waiting=M threads=NAME, NAME} if that was asked for, and found: so many threads
   * wait for each other, and others for them. {@code requests=...}: {@link Deadlines#answer}.
   * {@code memory}: there is none.
   */
  static String answer(boolean lookForDeadlocks) {
    try {
      allocated = new byte[ALLOCATION];
      allocated = NOTHING;
      if (!MANAGED) {
        return "gc=-1";
      }
      String answer = "gc=" + Management.collectionMillis() + Deadlines.answer();
      return lookForDeadlocks ? answer + Management.deadlocks() : answer;
    } catch (OutOfMemoryError e) {
      return NO_MEMORY;
    }
  }

  /** Touched only if the module is there. */
  private static final class Management {
    /** More would be looked at for too long, with all of them standing still. */
    private static final int MOST_THREADS = 2000;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final GarbageCollectorMXBean[] COLLECTORS =
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            // A cycle of a concurrent collector is time in which the program ran.
            .filter(collector -> !collector.getName().endsWith("Cycles"))
            .toArray(GarbageCollectorMXBean[]::new);

    static long collectionMillis() {
      long sum = 0;
      for (GarbageCollectorMXBean collector : COLLECTORS) {
        sum += Math.max(0, collector.getCollectionTime());
      }
      return sum;
    }

    static String deadlocks() {
      if (THREADS.getThreadCount() > MOST_THREADS) {
        return "";
      }
      long[] deadlocked = THREADS.findDeadlockedThreads();
      return deadlocked == null ? "" : describe(deadlocked);
    }

    /**
     * Threads in circles, and those that wait for one of them, for which HotSpot has found some of
     * both.
     */
    static String describe(long[] found) {
      Map<Long, Long> owners = new HashMap<>();
      Map<Long, String> names = new TreeMap<>();
      for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
        if (thread != null) { // null: it has ended
          owners.put(thread.getThreadId(), thread.getLockOwnerId());
          names.put(thread.getThreadId(), thread.getThreadName());
        }
      }
      Set<Long> circle = new HashSet<>();
      for (long id : found) {
        if (leadsTo(Set.of(id), id, owners)) {
          circle.add(id);
        }
      }
      names.keySet().removeIf(id -> !circle.contains(id) && !leadsTo(circle, id, owners));
      String text =
          " deadlocked="
              + circle.size()
              + " waiting="
              + (names.size() - circle.size())
              + " threads="
              + String.join(", ", names.values());
      return circle.isEmpty() ? "" : text; // gone by now: a lock with a time limit
    }

    /** Whether a thread waits for one of these, or for one that does, and so on. */
    private static boolean leadsTo(Set<Long> these, long from, Map<Long, Long> owners) {
      Long owner = owners.get(from);
      for (int i = 0; owner != null && i < owners.size(); i++) {
        if (these.contains(owner)) {
          return true;
        }
        owner = owners.get(owner);
      }
      return false;
    }
  }
}
