package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Files and pipes by number. Every method returns {@code -errno} when it fails; none throws. */
public final class FileCall {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0x40;
  public static final int O_NOCTTY = 0x100;
  public static final int O_TRUNC = 0x200;
  public static final int O_APPEND = 0x400;

  private static final MethodHandle OPEN =
      Libtine.function("tine_open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle PIPE =
      Libtine.function("tine_pipe", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  private static final MethodHandle SET_BLOCKING =
      Libtine.function("tine_set_blocking", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle DUPLICATE =
      Libtine.function("tine_duplicate", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle READ =
      Libtine.function("tine_read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle WRITE =
      Libtine.function(
          "tine_write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

  private FileCall() {}

  /** Both ends of a pipe, owned by whoever made it. */
  public record Pipe(int readFd, int writeFd) {}

  /** {@code open(path, flags | O_CLOEXEC, mode)}. */
  public static int open(byte[] path, int flags, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) OPEN.invokeExact(CStrings.string(arena, path), flags, mode);
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** {@code pipe2(fds, O_CLOEXEC)}; throws {@link SystemCallException}. */
  public static Pipe pipe() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment fds = arena.allocate(JAVA_INT, 2);
      SystemCallException.check("pipe", FaultyCalls.pipe());
      SystemCallException.check("pipe", (int) PIPE.invokeExact(fds));
      return new Pipe(fds.getAtIndex(JAVA_INT, 0), fds.getAtIndex(JAVA_INT, 1));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** Sets or clears O_NONBLOCK, which all that share the description see. */
  public static int setBlocking(int fd, boolean blocking) {
    try {
      return (int) SET_BLOCKING.invokeExact(fd, blocking ? 1 : 0);
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** {@code fcntl(fd, F_DUPFD_CLOEXEC, 0)}. */
  public static int duplicate(int fd) {
    try {
      return (int) DUPLICATE.invokeExact(fd);
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** {@code read(fd, bytes, size)}. */
  public static long read(int fd, MemorySegment bytes, long size) {
    int fault = FaultyCalls.transfer();
    if (fault < 0) {
      return fault;
    }
    try {
      return (long) READ.invokeExact(fd, bytes, FaultyCalls.size(size));
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** {@code write(fd, bytes, size)}. */
  public static long write(int fd, MemorySegment bytes, long size) {
    int fault = FaultyCalls.transfer();
    if (fault < 0) {
      return fault;
    }
    try {
      return (long) WRITE.invokeExact(fd, bytes, FaultyCalls.size(size));
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** {@code close(fd)}. */
  public static void close(int fd) {
    Pidfd.close(fd);
  }
}
