package dev.tine.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** Whether descriptors of two processes lead to one description: kcmp(2). */
public final class Kcmp {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

  // Safety: long syscall(long number, ...), of which kcmp takes five more.
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(1),
          Linker.Option.captureCallState("errno"));

  private static final long SYS_KCMP = 312; // x86_64
  private static final int KCMP_FILE = 0;
  private static final int ENOSYS = 38;

  private Kcmp() {}

  /** Throws {@link IllegalStateException} with the cure if this process may not compare. */
  public static void requireAllowed() {
    int self = Pidfd.self();
    int error = -compare(self, 0, self, 0);
    if (error == Errno.EPERM || error == ENOSYS) {
      throw new IllegalStateException(
          "descriptors of processes cannot be compared: kcmp(2) is "
              + (error == ENOSYS
                  ? "missing, as the kernel is built without CONFIG_KCMP"
                  : "forbidden; in a container, give it CAP_SYS_PTRACE (--cap-add=SYS_PTRACE)"));
    }
  }

  /**
   * {@code kcmp(a, b, KCMP_FILE, fdA, fdB) == 0}; false also if a process or descriptor is gone, or
   * may not be compared.
   */
  public static boolean isSameFile(long pidA, int fdA, long pidB, int fdB) {
    return compare(Math.toIntExact(pidA), fdA, Math.toIntExact(pidB), fdB) == 0;
  }

  /** 0: the same; positive: an order; or {@code -errno}. */
  private static int compare(int pidA, int fdA, int pidB, int fdB) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result =
          (long)
              SYSCALL.invokeExact(state, SYS_KCMP, pidA, pidB, KCMP_FILE, (long) fdA, (long) fdB);
      return result >= 0 ? (int) result : -(int) ERRNO.get(state, 0L);
    } catch (Throwable e) {
      throw new AssertionError("kcmp(2) and its binding disagree", e);
    }
  }
}
