package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** What {@code ps} shows of this process in place of its command line. */
public final class ProcessTitle {
  private static final MethodHandle TITLE =
      Libtine.function("tine_title", FunctionDescriptor.of(JAVA_INT, ADDRESS));

  private ProcessTitle() {}

  /**
   * Shows {@code title}, cut to the length of the command line. Does nothing where that cannot be
   * overwritten.
   */
  public static void set(String title) {
    try (Arena arena = Arena.ofConfined()) {
      int ignored =
          (int) TITLE.invokeExact(arena.allocateFrom(title)); // cosmetic: a failure changes nothing
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }
}
