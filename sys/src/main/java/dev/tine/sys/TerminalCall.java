package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Pseudo-terminals, pty(7). Every method returns {@code -errno} when it fails, but {@link #open}.
 */
public final class TerminalCall {
  public static final int COOKED = 0;
  public static final int QUIET = 1;
  public static final int RAW = 2;

  private static final MethodHandle OPEN =
      Libtine.function(
          "tine_terminal", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle RESIZE =
      Libtine.function(
          "tine_terminal_resize", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle MODE =
      Libtine.function("tine_terminal_mode", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  private TerminalCall() {}

  /**
   * Both ends of a terminal, owned by whoever made it.
   *
   * @param userFd where its user would sit
   * @param programFd what a program has for its terminal
   */
  public record Terminal(int userFd, int programFd) {}

  /** {@code tine_terminal(&terminal, rows, columns)}; throws {@link SystemCallException}. */
  public static Terminal open(int rows, int columns) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment fds = arena.allocate(JAVA_INT, 2);
      SystemCallException.check(
          "open a pseudo-terminal", (int) OPEN.invokeExact(fds, rows, columns));
      return new Terminal(fds.getAtIndex(JAVA_INT, 0), fds.getAtIndex(JAVA_INT, 1));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** Sets the size. */
  public static int resize(int userFd, int rows, int columns) {
    try {
      return (int) RESIZE.invokeExact(userFd, rows, columns);
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** Sets the mode: {@link #COOKED}, {@link #QUIET} or {@link #RAW}. */
  public static int mode(int fd, int mode) {
    try {
      return (int) MODE.invokeExact(fd, mode);
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }
}
