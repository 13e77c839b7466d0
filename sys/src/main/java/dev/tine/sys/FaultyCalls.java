package dev.tine.sys;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Failures that are put before system calls, for tests: none unless a plan is installed. */
public final class FaultyCalls {
  private static final AtomicLong CALLS = new AtomicLong();
  private static volatile @Nullable Plan plan;

  private FaultyCalls() {}

  /**
   * What fails.
   *
   * @param interrupts every second read and write, with EAGAIN and EINTR in turns
   * @param maxBytes most that one read or write moves
   * @param full no pipe can be made
   */
  public record Plan(boolean interrupts, long maxBytes, boolean full) {}

  /** Begins with a plan. */
  public static void install(Plan next) {
    plan = next;
  }

  /** Ends it. */
  public static void remove() {
    plan = null;
  }

  /** 0: the transfer of so many bytes is made; else {@code -errno} instead. */
  static int transfer() {
    Plan current = plan;
    if (current == null || !current.interrupts()) {
      return 0;
    }
    return switch ((int) (CALLS.getAndIncrement() & 3)) {
      case 0 -> -Errno.EAGAIN;
      case 2 -> -Errno.EINTR;
      default -> 0;
    };
  }

  /** How many bytes of a transfer are tried. */
  static long size(long wanted) {
    Plan current = plan;
    return current == null ? wanted : Math.min(wanted, current.maxBytes());
  }

  /** 0, or {@code -errno} instead of a pipe. */
  static int pipe() {
    Plan current = plan;
    return current != null && current.full() ? -Errno.EMFILE : 0;
  }
}
