package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * An epoll(7) set. One thread waits; any thread may change what is waited for. {@link #close()} is
 * for the time when nobody waits.
 */
public final class Poller implements AutoCloseable {
  public static final int READABLE = 0x1;
  public static final int WRITABLE = 0x4;
  public static final int ERROR = 0x8;
  public static final int HANGUP = 0x10;

  /** Heard of once; then nothing more until {@link #change}. */
  public static final int ONCE = 1 << 30;

  private static final int CAPACITY = 256;
  private static final int ADD = 1;
  private static final int REMOVE = 2;
  private static final int CHANGE = 3;

  private static final MethodHandle OPEN =
      Libtine.function("tine_poller", FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle SET =
      Libtine.function(
          "tine_poller_set",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle WAIT =
      Libtine.function(
          "tine_poller_wait",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG));

  private final Arena arena = Arena.ofShared();
  private final MemorySegment heard = arena.allocate(Layouts.EVENT, CAPACITY);
  private final int fd;

  /** {@code epoll_create1(EPOLL_CLOEXEC)}; throws {@link SystemCallException}. */
  public Poller() {
    try {
      fd = SystemCallException.check("epoll_create1", (int) OPEN.invokeExact());
    } catch (SystemCallException e) {
      arena.close();
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** Begins to wait for a descriptor; 0 or {@code -errno}. */
  public int add(int watched, int events, long key) {
    return set(ADD, watched, events, key);
  }

  /** Changes what is waited for; 0 or {@code -errno}. */
  public int change(int watched, int events, long key) {
    return set(CHANGE, watched, events, key);
  }

  /** Ends waiting for a descriptor, which is still open; 0 or {@code -errno}. */
  public int remove(int watched) {
    return set(REMOVE, watched, 0, 0);
  }

  /**
   * Waits; returns how much was heard, 0 after the time or an interruption.
   *
   * @param timeoutNanos at least; -1: for ever
   */
  public int await(long timeoutNanos) {
    try {
      int n = (int) WAIT.invokeExact(fd, heard, CAPACITY, timeoutNanos);
      return n == -Errno.EINTR ? 0 : SystemCallException.check("epoll_wait", n);
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** The key of the n-th that was heard. */
  public long key(int n) {
    return heard.getAtIndex(JAVA_LONG, 2L * n);
  }

  /** The events of the n-th that was heard. */
  public int events(int n) {
    return (int) heard.getAtIndex(JAVA_LONG, 2L * n + 1);
  }

  @Override
  public void close() {
    Pidfd.close(fd);
    arena.close();
  }

  private int set(int operation, int watched, int events, long key) {
    try {
      return (int) SET.invokeExact(fd, operation, watched, events, key);
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }
}
