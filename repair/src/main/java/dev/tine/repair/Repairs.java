package dev.tine.repair;

import java.util.Arrays;

/** All repairs, in the order in which a child makes them. One thread at a time calls them. */
public final class Repairs {
  private static final Repair[] ALL = {
    new Randomness(),
    new Generators(),
    new CurrentProcess(),
    new ForeignProcesses(),
    new Recordings(),
    new RemoteObjects()
  };

  /** As of a child that fails before it runs Java. */
  private static final int EXIT_NOT_WHOLE = 113;

  private static boolean prepared;

  private Repairs() {}

  /**
   * Before the first fork; more calls do nothing.
   *
   * @throws RepairException if this JVM is not known
   */
  public static void prepare() {
    if (!prepared) {
      for (Repair repair : ALL) {
        repair.prepare();
      }
      inChild(Entropy.longs(NativeFork.ENTROPY)); // the rehearsal
      prepared = true;
    }
  }

  /**
   * Afterwards the program's threads are suspended, unless it throws.
   *
   * @throws RepairException if a child could not be repaired
   */
  public static void beforeFork() {
    try {
      for (Repair repair : ALL) {
        repair.beforeFork();
      }
      Suspension.begin();
      for (Repair repair : ALL) {
        repair.suspended();
      }
    } catch (Throwable e) {
      inParent();
      throw e;
    }
  }

  /**
   * In both processes, whatever came of the fork: a call that only a child makes would be linked in
   * each of them. Afterwards the program's threads run again.
   *
   * @param pid 0 in a child
   */
  public static void afterFork(int pid, long[] seeds) {
    if (pid != 0) {
      inParent();
      return;
    }
    try {
      inChild(seeds);
    } catch (Throwable e) {
      end(e);
    }
    Suspension.end(); // not earlier: a thread that runs may draw the parent's numbers
    for (Repair repair : ALL) {
      repair.resumed();
    }
  }

  /**
   * A child that is half repaired would go on with what is its parent's: it must not run at all.
   */
  private static void end(Throwable cause) {
    System.err.println("tine: a forked child ends, because it could not be repaired: " + cause);
    Runtime.getRuntime().halt(EXIT_NOT_WHOLE);
  }

  private static void inParent() {
    Suspension.end();
    for (int i = ALL.length - 1; i >= 0; i--) {
      ALL[i].inParent();
    }
  }

  private static void inChild(long[] seeds) {
    for (Repair repair : ALL) {
      repair.inChild(seeds);
    }
    Arrays.fill(seeds, 0); // they are secrets
  }
}
