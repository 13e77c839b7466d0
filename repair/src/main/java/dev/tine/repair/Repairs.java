package dev.tine.repair;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** All repairs, in the order in which a child makes them. One thread at a time calls them. */
public final class Repairs {
  private static final Repair[] ALL = {
    new Randomness(),
    new Generators(),
    new CurrentProcess(),
    new ForeignProcesses(),
    new Recordings(),
    new RemoteObjects(),
    new ExitFiles()
  };

  /** How long threads that are in the middle of a draw are waited for. */
  private static final long LIMIT_NANOS = 5_000_000_000L;

  private static final byte[] NOTHING = {};

  /** The number of the repair that is being made. */
  private static int step;

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
      // The rehearsal of all that a child does, and of a failure.
      inChild(Entropy.longs(NativeFork.ENTROPY));
      NativeFork.repaired(); // this process is whole: it does nothing here
      resumed();
      Exception failure = new KernelException("rehearsal", 0);
      if (described(failure).length == errno(failure)) {
        throw new AssertionError("a failure that is described by nothing");
      }
      prepared = true;
    }
  }

  /**
   * Before the fork of a mold: what each of its workers would do to its copy at first, and copy
   * pages for it.
   */
  public static void beforeFreeze() {
    Jvmti.enterCompiled();
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
      settle();
    } catch (Throwable e) {
      inParent();
      throw e;
    }
  }

  /** Until all threads stand where they may. */
  private static void settle() {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    int settled = 0; // in a row: what one has let go on may have got into what another looks at
    for (int i = 0; settled < ALL.length; i = (i + 1) % ALL.length) {
      settled = ALL[i].suspended(deadline) ? 1 : settled + 1;
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
      // Before threads run: one that ended the process at once would be taken for a failed repair.
      NativeFork.repaired();
      Suspension.end(); // not earlier: a thread that runs may draw the parent's numbers
    } catch (Throwable e) {
      end(e);
    }
    resumed();
  }

  private static void resumed() {
    for (Repair repair : ALL) {
      repair.resumed();
    }
  }

  /**
   * A child that is half repaired would go on with what is its parent's: it must not run at all.
   *
   * <p>Its parent says why. Here nothing can be printed: a thread that is suspended may hold the
   * lock of a stream; and {@code Runtime.halt} waits for threads.
   */
  private static void end(Throwable cause) {
    byte[] what = NOTHING;
    int errno = 0;
    try {
      what = described(cause);
      errno = errno(cause);
    } catch (Throwable e) {
      // There is no memory left to say it with.
    }
    NativeFork.unrepaired(errno, what);
  }

  private static byte[] described(Throwable cause) {
    String at = step < ALL.length ? ALL[step].getClass().getSimpleName() : "resumption";
    return (at + ": " + cause).getBytes(UTF_8);
  }

  private static int errno(Throwable cause) {
    return cause instanceof KernelException ? ((KernelException) cause).errno() : 0;
  }

  private static void inParent() {
    Suspension.end();
    for (int i = ALL.length - 1; i >= 0; i--) {
      ALL[i].inParent();
    }
  }

  private static void inChild(long[] seeds) {
    for (step = 0; step < ALL.length; step++) {
      int fault = NativeFork.repairFault(step);
      if (fault != 0) {
        throw new KernelException("repair", -fault);
      }
      ALL[step].inChild(seeds);
    }
    Arrays.fill(seeds, 0); // they are secrets
  }
}
