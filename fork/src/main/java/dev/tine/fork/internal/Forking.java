package dev.tine.fork.internal;

import dev.tine.fork.ForkException;
import dev.tine.fork.ForkOptions;
import dev.tine.fork.ForkedProcess;
import dev.tine.repair.NativeFork;
import dev.tine.repair.RepairException;
import dev.tine.repair.Repairs;
import dev.tine.sys.DescriptorCall;
import dev.tine.sys.Errno;
import dev.tine.sys.ForkCall;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one place that forks: calls take turns here, are checked, and failures become {@link
 * ForkException}s.
 */
public final class Forking {
  /** What ends mold and workers when their monitor has ended: nothing that they could survive. */
  public static final int SIGKILL = 9;

  private static final int NO_SIGNAL = 0;

  private static final Duration PARK_LIMIT = Duration.ofSeconds(5);

  /*
   * Held across the fork: in the child it is held by the copy of the thread that forked, which releases it there. The
   * copies of threads that wait for it are woken there too, see overtaken().
   */
  private static final ReentrantLock TURN = new ReentrantLock();

  /** The request of a fork with default options, laid out once; never freed. */
  private static @Nullable MemorySegment plain;

  /** Filled in a child. */
  private static final long[] ENTROPY = new long[NativeFork.ENTROPY];

  private Forking() {}

  /**
   * What came of a freeze.
   *
   * @param mold null in a worker
   * @param workerId in a worker: as it was ordered
   */
  public record Freeze(@Nullable ForkedProcess mold, int workerId) {}

  /** Forks: the child; null in the child. */
  public static @Nullable ForkedProcess fork(ForkOptions options) {
    Support.checkOnce();
    int self = Pidfd.self();
    takeTurn();
    try {
      if (options != ForkOptions.defaults()) {
        return held(fork("", NO_SIGNAL, null, options, self));
      }
      if (plain == null) {
        var request = request("", NO_SIGNAL, null, ForkCall.Exemptions.NONE);
        plain = ForkCall.request(request, Arena.global());
      }
      return held(fork(plain, options, self));
    } finally {
      TURN.unlock();
    }
  }

  /**
   * Forks a mold that takes its orders from {@code orders}, shows {@code title} and ends with this
   * process.
   *
   * @return also in every worker
   */
  public static Freeze freeze(String title, OrderCall.Pair orders, ForkOptions options) {
    Support.checkOnce();
    int self = Pidfd.self();
    takeTurn();
    try {
      Repairs.beforeFreeze();
      int pid = fork(title, SIGKILL, orders, options, self);
      // In turn: another thread of the worker that forks has a result of its own.
      return new Freeze(held(pid), pid == 0 ? ForkCall.last().orderId() : 0);
    } finally {
      TURN.unlock();
    }
  }

  /**
   * The open descriptors. In turn: the library lists them in memory that a fork uses as well, and
   * would overwrite while this thread is parked.
   */
  static List<DescriptorCall.Open> descriptors() {
    TURN.lock();
    try {
      return DescriptorCall.list();
    } finally {
      TURN.unlock();
    }
  }

  /** What the last fork that this process took part in, as parent or child, has come to. */
  public static ForkCall.Result last() {
    return ForkCall.last();
  }

  private static int fork(
      String title,
      int deathSignal,
      OrderCall.@Nullable Pair freeze,
      ForkOptions options,
      int self) {
    try (Arena arena = Arena.ofConfined()) {
      var request = request(title, deathSignal, freeze, Exempt.of(options));
      return fork(ForkCall.request(request, arena), options, self);
    }
  }

  private static int fork(MemorySegment request, ForkOptions options, int self) {
    if (Pidfd.self() != self) {
      throw overtaken();
    }
    Support.checkNow(options);
    prepareReaper();
    Listeners.Round listeners = Listeners.OF_PROCESS.begin();
    int pid = -1; // only 0 is a child
    boolean isWhole = true;
    try {
      Repairs.beforeFork();
      pid = NativeFork.fork(request.address(), ENTROPY);
      Repairs.afterFork(pid, ENTROPY);
      if (pid == 0) {
        Reaper.inChild();
      }
      // After the parent's threads go on: only this one has to wait for the child's repairs.
      isWhole = pid <= 0 || NativeFork.awaitRepairs() == 0;
    } catch (RepairException e) {
      throw Failures.of(e);
    } finally {
      // After all repairs, and only if they succeeded: this is code of the program, which may do
      // anything.
      listeners.after(pid);
    }
    if (pid < 0) {
      throw Failures.of(ForkCall.last(), -pid);
    }
    if (!isWhole) {
      ForkCall.Result failure = ForkCall.last();
      throw Failures.of(failure, failure.errno());
    }
    return pid;
  }

  private static @Nullable ForkedProcess held(int pid) {
    return pid == 0 ? null : ChildProcess.ofForked(pid);
  }

  private static void prepareReaper() {
    try {
      Reaper.prepare();
    } catch (SystemCallException e) {
      throw new ForkException(
          ForkException.Stage.CLONE,
          e.errno(),
          "cannot fork: no descriptor to wait for the child with: "
              + e.getMessage()
              + Limits.hint(e.errno()));
    }
  }

  /* Held by this thread already: a listener calls, and a fork within a fork would tell the others of two at once. */
  private static void takeTurn() {
    if (TURN.isHeldByCurrentThread()) {
      throw new IllegalStateException("a ForkListener must not fork");
    }
    TURN.lock();
  }

  private static ForkCall.Request request(
      String title,
      int deathSignal,
      OrderCall.@Nullable Pair freeze,
      ForkCall.Exemptions exemptions) {
    return new ForkCall.Request(
        ParkSignal.number(), deathSignal, PARK_LIMIT.toNanos(), title, freeze, exemptions);
  }

  /*
   * Two threads call fork() at once; the first makes a child, in which the copy of the second would fork too. Nobody
   * who wrote those two calls meant a grandchild, and with many threads there would be a storm of them.
   */
  private static ForkException overtaken() {
    return new ForkException(
        ForkException.Stage.OVERTAKEN,
        Errno.EBUSY,
        "cannot fork: while this call waited for its turn, another thread forked, and this is the"
            + " child. The call was not carried out here; it is in the parent. Let one thread fork,"
            + " or end the others in the child");
  }
}
