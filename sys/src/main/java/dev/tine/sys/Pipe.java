package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A pipe without a name; both ends are owned by whoever opened it.
 *
 * @param readFd where bytes come out
 * @param writeFd where they go in
 */
public record Pipe(int readFd, int writeFd) {
  private static final MethodHandle PIPE =
      Libtine.function("tine_pipe", FunctionDescriptor.of(JAVA_INT, ADDRESS));

  /** {@code pipe2(fds, O_CLOEXEC)}. Throws {@link SystemCallException}. */
  public static Pipe open() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment fds = arena.allocate(JAVA_INT, 2);
      SystemCallException.check("pipe", (int) PIPE.invokeExact(fds));
      return new Pipe(fds.getAtIndex(JAVA_INT, 0), fds.getAtIndex(JAVA_INT, 1));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }
}
