package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Waits for descriptors, and is woken by a bell, which is an eventfd. */
public final class Waiter {
  private static final MethodHandle WAIT =
      Libtine.function(
          "tine_wait_readable",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle BELL =
      Libtine.function("tine_bell", FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle RING =
      Libtine.function("tine_bell_ring", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle CLEAR =
      Libtine.function("tine_bell_clear", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private Waiter() {}

  /**
   * {@code poll(fds, POLLIN, timeout)}: which of them are readable; none after the time or an
   * interruption.
   *
   * @param timeoutMillis -1: for ever
   */
  public static boolean[] readable(int[] fds, int timeoutMillis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ready = arena.allocate(JAVA_INT, fds.length);
      int n =
          (int)
              WAIT.invokeExact(arena.allocateFrom(JAVA_INT, fds), ready, fds.length, timeoutMillis);
      SystemCallException.check("poll", n);
      boolean[] result = new boolean[fds.length];
      for (int i = 0; i < fds.length; i++) {
        result[i] = ready.getAtIndex(JAVA_INT, i) != 0;
      }
      return result;
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** A new bell, owned by the caller. Throws {@link SystemCallException}. */
  public static int bell() {
    try {
      return SystemCallException.check("eventfd", (int) BELL.invokeExact());
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** Makes a bell readable. */
  public static void ring(int bell) {
    invoke(RING, bell);
  }

  /** Makes a bell unreadable until it is rung again. */
  public static void clear(int bell) {
    invoke(CLEAR, bell);
  }

  private static void invoke(MethodHandle function, int bell) {
    try {
      SystemCallException.check("eventfd", (int) function.invokeExact(bell));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }
}
