package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Children by pidfd: a reference to one process that no later process can take over, unlike its
 * pid.
 */
public final class Pidfd {

  private static final MethodHandle OPEN = call("tine_pidfd");
  private static final MethodHandle OF_FORKED =
      Libtine.function("tine_fork_pidfd", FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle DISCARD = call("tine_discard");
  private static final MethodHandle SIGNAL =
      Libtine.function("tine_signal", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle REAP =
      Libtine.function("tine_reap", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle CLOSE = call("tine_close");
  private static final MethodHandle GETPID =
      Libtine.function("tine_getpid", FunctionDescriptor.of(JAVA_INT));

  private static final MethodHandle KILL =
      Libtine.function("tine_kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle ENDED_CHILD =
      Libtine.function("tine_ended_child", FunctionDescriptor.of(JAVA_INT));

  private Pidfd() {}

  /** How a child ended: by {@code exit(value)}, or by the signal {@code value}. */
  public record Exit(boolean signaled, boolean coreDumped, int value) {}

  /**
   * {@code pidfd_open(pid)}; the caller owns the descriptor. Throws {@link SystemCallException}.
   */
  public static int open(int pid) {
    try {
      return SystemCallException.check("pidfd_open", (int) OPEN.invokeExact(pid));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * {@code tine_fork_pidfd()}: hands over the pidfd of the child that this process has forked last.
   */
  public static int ofForked() {
    try {
      return (int) OF_FORKED.invokeExact();
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * {@code tine_discard(pid)}: kills and reaps a child that nobody else waits for; 0 or {@code
   * -errno}.
   */
  public static int discard(int pid) {
    try {
      return (int) DISCARD.invokeExact(pid);
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** {@code pidfd_send_signal(fd, signal)}: 0 or {@code -errno}; {@code -ESRCH}: it has ended. */
  public static int signal(int pidfd, int signal) {
    try {
      return (int) SIGNAL.invokeExact(pidfd, signal);
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * {@code kill(-pid, signal)}: 0 or {@code -errno}. Only while the leader of the group is not
   * reaped: its number may be another's then.
   */
  public static int signalGroup(int pid, int signal) {
    return kill(-pid, signal);
  }

  /**
   * {@code kill(pid, signal)}: 0 or {@code -errno}. Only for a child that is not reaped: its number
   * may be another's then.
   */
  public static int kill(int pid, int signal) {
    try {
      return (int) KILL.invokeExact(pid, signal);
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** The pid of a child that has ended and is not reaped yet; 0: there is none. */
  public static int endedChild() {
    try {
      return SystemCallException.check("waitid", (int) ENDED_CHILD.invokeExact());
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * {@code waitid(P_PIDFD, fd, WEXITED | WNOHANG)}: empty while it runs. Throws {@link
   * SystemCallException}.
   */
  public static Optional<Exit> reap(int pidfd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment exit = arena.allocate(Layouts.EXIT);
      if (SystemCallException.check("waitid", (int) REAP.invokeExact(pidfd, exit)) == 0) {
        return Optional.empty();
      }
      int kind = exit.get(JAVA_INT, 0);
      return Optional.of(new Exit(kind != 0, kind == 2, exit.get(JAVA_INT, 4)));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** {@code close(fd)}. */
  public static void close(int fd) {
    try {
      int ignored = (int) CLOSE.invokeExact(fd); // EBADF only; Linux closes in every other case
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * {@code getpid()}: true also in a child, where {@link ProcessHandle} may remember its parent's.
   */
  public static int self() {
    try {
      return (int) GETPID.invokeExact();
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  private static MethodHandle call(String name) {
    return Libtine.function(name, FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  }
}
