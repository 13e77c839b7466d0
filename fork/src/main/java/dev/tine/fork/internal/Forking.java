package dev.tine.fork.internal;

import dev.tine.fork.ForkException;
import dev.tine.sys.Errno;
import dev.tine.sys.ForkCall;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one place that forks: calls take turns here, are checked, and failures become {@link
 * ForkException}s.
 */
public final class Forking {
  public static final int NO_SIGNAL = 0;

  private static final Duration PARK_LIMIT = Duration.ofSeconds(2);

  /*
   * Held across the fork: in the child it is held by the copy of the thread that forked, which releases it there. The
   * copies of threads that wait for it are woken there too, see overtaken().
   */
  private static final ReentrantLock TURN = new ReentrantLock();

  private static volatile ForkCall.@Nullable Result last;

  private Forking() {}

  /**
   * A fork that worked, in one of the two processes.
   *
   * @param pid parent: of the child; child: its own
   * @param orderId in a worker made by a mold: the id of its order
   */
  public record Outcome(boolean child, int pid, int orderId) {}

  /**
   * Forks; the child is sent {@code deathSignal} when this process ends, and shows {@code title}
   * unless empty.
   */
  public static Outcome fork(String title, int deathSignal) {
    return fork(title, deathSignal, null);
  }

  /**
   * Forks a mold that takes its orders from {@code orders}; returns in the caller and in every
   * worker.
   */
  public static Outcome freeze(String title, int deathSignal, OrderCall.Pair orders) {
    return fork(title, deathSignal, orders);
  }

  /**
   * What the last fork that this process took part in, as parent or child, has measured; null:
   * none.
   */
  public static ForkCall.@Nullable Result last() {
    return last;
  }

  private static Outcome fork(String title, int deathSignal, OrderCall.@Nullable Pair freeze) {
    Support.checkOnce();
    int self = Pidfd.self();
    TURN.lock();
    try {
      if (Pidfd.self() != self) {
        throw overtaken();
      }
      ForkCall.Result result =
          ForkCall.fork(
              new ForkCall.Request(
                  ParkSignal.number(), deathSignal, PARK_LIMIT.toNanos(), title, freeze));
      last = result;
      if (result.errno() != 0) {
        throw Failures.of(result);
      }
      if (result.child()) {
        Reaper.forgetParentsChildren();
      }
      return new Outcome(result.child(), result.pid(), result.orderId());
    } finally {
      TURN.unlock();
    }
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
