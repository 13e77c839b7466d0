package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The ends of children, with what they used. */
public final class ChildCall {
  private static final MethodHandle WAIT =
      Libtine.function("tine_wait_child", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

  private ChildCall() {}

  /** What a child is found to be. */
  public sealed interface Wait {

    /** It has not ended. */
    record Running() implements Wait {}

    /** {@code ECHILD}, as a rule: not a child of this process, or reaped by someone else. */
    record Failed(int errno) implements Wait {}

    /**
     * It has ended, {@code struct tine_child_exit}, and is reaped.
     *
     * @param value exit code, or number of the signal
     */
    record Ended(
        boolean signaled,
        boolean coreDumped,
        int value,
        long userMicros,
        long systemMicros,
        long minorFaults,
        long majorFaults,
        long voluntarySwitches,
        long involuntarySwitches)
        implements Wait {}
  }

  /** {@code waitid(P_PIDFD, fd, WEXITED | WNOHANG)}. */
  public static Wait wait(int pidfd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment exit = arena.allocate(Layouts.CHILD_EXIT);
      int result = (int) WAIT.invokeExact(pidfd, exit);
      if (result <= 0) {
        return result == 0 ? new Wait.Running() : new Wait.Failed(-result);
      }
      int kind = exit.get(JAVA_INT, 0);
      return new Wait.Ended(
          kind != 0,
          kind == 2,
          exit.get(JAVA_INT, 4),
          exit.getAtIndex(JAVA_LONG, 1),
          exit.getAtIndex(JAVA_LONG, 2),
          exit.getAtIndex(JAVA_LONG, 3),
          exit.getAtIndex(JAVA_LONG, 4),
          exit.getAtIndex(JAVA_LONG, 5),
          exit.getAtIndex(JAVA_LONG, 6));
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }
}
