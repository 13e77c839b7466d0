package dev.tine.systemtests.programs;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Functions of the C library and system calls of x86_64, by name and number. */
@SuppressWarnings("restricted") // tests call what Java has no words for
final class Libc {
  static final int SYS_GETTID = 186;
  static final int SYS_GETPID = 39;
  static final int SYS_ARCH_PRCTL = 158;
  static final int SYS_GET_ROBUST_LIST = 274;
  static final int SYS_SCHED_SETAFFINITY = 203;
  static final int SYS_SCHED_GETAFFINITY = 204;
  static final int SYS_SCHED_SETSCHEDULER = 144;
  static final int SYS_SCHED_GETSCHEDULER = 145;
  static final int SYS_SCHED_GETPARAM = 143;
  static final int SYS_GETPRIORITY = 140;
  static final int SYS_SETPRIORITY = 141;
  static final int SYS_IOPRIO_SET = 251;
  static final int SYS_IOPRIO_GET = 252;
  static final int SYS_PRCTL = 157;
  static final int SYS_POLL = 7;
  static final int SYS_TGKILL = 234;
  static final int SYS_EXIT_GROUP = 231;

  static final int EINTR = 4;
  static final int ESRCH = 3;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Arena ARENA = Arena.global();
  private static final SymbolLookup LIBC = SymbolLookup.libraryLookup("libc.so.6", ARENA);
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final Map<String, MethodHandle> FUNCTIONS = new ConcurrentHashMap<>();

  private Libc() {}

  /** Memory that is never freed. */
  static MemorySegment memory(long bytes) {
    return ARENA.allocate(bytes, 16);
  }

  static MemorySegment string(String text) {
    return ARENA.allocateFrom(text);
  }

  static MemorySegment symbol(String name) {
    return LIBC.or(LINKER.defaultLookup()).findOrThrow(name);
  }

  /** Calls a function that takes integers and pointers and returns an int; -errno if that is -1. */
  static int call(String function, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MethodHandle handle =
          FUNCTIONS.computeIfAbsent(
              function + Arrays.toString(types(arguments)), _ -> bind(function, arguments));
      Object[] all = new Object[arguments.length + 1];
      all[0] = state;
      System.arraycopy(arguments, 0, all, 1, arguments.length);
      int result = (int) handle.invokeWithArguments(all);
      return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable e) {
      throw new AssertionError(function, e);
    }
  }

  /** Calls a function that returns a pointer. */
  static MemorySegment pointer(String function, Object... arguments) {
    try {
      var descriptor = FunctionDescriptor.of(ADDRESS, types(arguments));
      return (MemorySegment)
          LINKER.downcallHandle(symbol(function), descriptor).invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(function, e);
    }
  }

  /** A system call with up to five arguments. */
  static int syscall(int number, Object... arguments) {
    Object[] all = new Object[6];
    Arrays.fill(all, 0L);
    all[0] = (long) number;
    for (int i = 0; i < arguments.length; i++) {
      all[i + 1] =
          arguments[i] instanceof MemorySegment memory
              ? (Object) memory.address()
              : ((Number) arguments[i]).longValue();
    }
    return call("syscall", all);
  }

  static int gettid() {
    return syscall(SYS_GETTID);
  }

  /** pthread_self(). */
  static long self() {
    try {
      return (long)
          LINKER
              .downcallHandle(symbol("pthread_self"), FunctionDescriptor.of(JAVA_LONG))
              .invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** A thread that Java knows nothing of, in {@code function(argument)}; its pthread_t. */
  static long nativeThread(String name, String function, MemorySegment argument) {
    MemorySegment thread = memory(8);
    int error = call("pthread_create", thread, MemorySegment.NULL, symbol(function), argument);
    Program.check(error == 0, "pthread_create: %d", error);
    long id = thread.get(JAVA_LONG, 0);
    error = call("pthread_setname_np", id, string(name));
    Program.check(error == 0, "pthread_setname_np: %d", error);
    return id;
  }

  /** Blocks or unblocks signals in the calling thread. */
  static void mask(boolean block, int... signals) {
    int error = call("pthread_sigmask", block ? 0 : 1, signalSet(signals), MemorySegment.NULL);
    Program.check(error == 0, "pthread_sigmask: %d", error);
  }

  static MemorySegment signalSet(int... signals) {
    MemorySegment set = memory(128);
    for (int signal : signals) {
      set.set(JAVA_LONG, 0, set.get(JAVA_LONG, 0) | 1L << (signal - 1));
    }
    return set;
  }

  /**
   * Makes {@code stage} of the next fork fail with an errno, or kills the process there if it is
   * negative.
   */
  static void fault(String library, int stage, int error, int skip) {
    MethodHandle fault =
        LINKER.downcallHandle(
            SymbolLookup.libraryLookup(Path.of(library), ARENA).findOrThrow("tine_fault"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    try {
      int ignored = (int) fault.invokeExact(stage, error, skip);
      Program.checkEqual(ignored, 0, "tine_fault");
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static MethodHandle bind(String function, Object[] arguments) {
    var descriptor = FunctionDescriptor.of(JAVA_INT, types(arguments));
    return LINKER.downcallHandle(
        symbol(function), descriptor, Linker.Option.captureCallState("errno"));
  }

  private static MemoryLayout[] types(Object[] arguments) {
    return Arrays.stream(arguments)
        .map(argument ->
            switch (argument) {
              case Integer _ -> (ValueLayout) JAVA_INT;
              case Long _ -> JAVA_LONG;
              default -> ADDRESS;
            })
        .toArray(MemoryLayout[]::new);
  }
}
