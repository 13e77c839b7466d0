package dev.tine.fork.internal;

import dev.tine.sys.Entropy;
import dev.tine.sys.ForkCall;
import java.util.Arrays;

/** All {@link Repair}s, in the order in which a child makes them. */
final class Repairs {
  private static final Repair[] ALL = {
    new Randomness(), new CurrentProcess(), new ForeignProcesses()
  };

  private static boolean prepared;

  private Repairs() {}

  /** Once, before the first fork. */
  static void prepare() {
    if (!prepared) {
      for (Repair repair : ALL) {
        repair.prepare();
      }
      inChild(Entropy.longs(ForkCall.ENTROPY)); // the rehearsal
      prepared = true;
    }
  }

  static void beforeFork() {
    for (Repair repair : ALL) {
      repair.beforeFork();
    }
  }

  /**
   * In both processes, whatever came of the fork: a call that only a child makes would be linked in
   * each of them.
   *
   * @param pid 0 in a child
   */
  static void afterFork(int pid, long[] seeds) {
    if (pid == 0) {
      inChild(seeds);
    } else {
      inParent();
    }
  }

  private static void inParent() {
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
