package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Error numbers of the kernel and their texts. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int E2BIG = 7;
  public static final int EBADF = 9;
  public static final int ECHILD = 10;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int ENFILE = 23;
  public static final int EMFILE = 24;
  public static final int ENOSPC = 28;
  public static final int EPIPE = 32;
  public static final int EPROTO = 71;
  public static final int ENOTSUP = 95;
  public static final int EADDRINUSE = 98;
  public static final int ETIMEDOUT = 110;
  public static final int ECANCELED = 125;

  private static final MethodHandle ERROR_TEXT =
      Libtine.function(
          "tine_error_text", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  private Errno() {}

  /** The kernel's text of an error, such as "Cannot allocate memory". */
  public static String text(int errno) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(256);
      int length = (int) ERROR_TEXT.invokeExact(errno, text, 256);
      return length > 0 ? text.getString(0) : "error " + errno;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }
}
