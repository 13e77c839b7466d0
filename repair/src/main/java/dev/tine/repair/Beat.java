package dev.tine.repair;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
    }
  }

  /**
   * {@code gc=MS}: for how long it has collected garbage so far, -1: unknown. With {@code
   * deadlocked=N waiting=M threads=NAME, NAME} if that was asked for, and found: so many threads
   * wait for each other, and others for them. {@code memory}: there is none.
   */
  static String answer(boolean lookForDeadlocks) {
    try {
      allocated = new byte[ALLOCATION];
      allocated = NOTHING;
      if (!MANAGED) {
        return "gc=-1";
      }
      String answer = "gc=" + Management.collectionMillis();
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

    static String describe(long[] deadlocked) {
      Set<Long> stuck = new HashSet<>();
      for (long id : deadlocked) {
        stuck.add(id);
      }
      List<String> names = new ArrayList<>();
      ThreadInfo[] all = THREADS.getThreadInfo(THREADS.getAllThreadIds());
      for (int before = -1; before < stuck.size(); ) {
        before = stuck.size();
        for (ThreadInfo thread : all) { // null: it has ended
          if (thread != null && stuck.contains(thread.getLockOwnerId())) {
            stuck.add(thread.getThreadId());
          }
        }
      }
      for (ThreadInfo thread : all) {
        if (thread != null && stuck.contains(thread.getThreadId())) {
          names.add(thread.getThreadName());
        }
      }
      return " deadlocked="
          + deadlocked.length
          + " waiting="
          + (stuck.size() - deadlocked.length)
          + " threads="
          + String.join(", ", names);
    }
  }
}
