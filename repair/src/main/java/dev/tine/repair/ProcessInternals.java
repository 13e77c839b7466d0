package dev.tine.repair;

import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** What is {@code private} in the JDK of its subprocesses, and of futures that wait for them. */
final class ProcessInternals {
  static final ConcurrentMap<Long, CompletableFuture<Integer>> COMPLETIONS;
  static final VarHandle STACK;
  static final VarHandle NEXT;
  static final Class<?> HANDLE;
  static final VarHandle FUNCTION;
  static final VarHandle DEPENDENT;
  static final Class<?> PROCESS;
  static final @Nullable Locking LOCKING;
  static final VarHandle EXIT_CODE;
  static final VarHandle HAS_EXITED;

  static {
    try {
      Opens.ofBase("java.lang", "java.util.concurrent");
      COMPLETIONS = completions();
      STACK = Seeders.variable(CompletableFuture.class, "stack");
      NEXT =
          Seeders.variable(
              Class.forName("java.util.concurrent.CompletableFuture$Completion"), "next");
      HANDLE = Class.forName("java.util.concurrent.CompletableFuture$UniHandle");
      FUNCTION = Seeders.variable(HANDLE, "fn");
      DEPENDENT =
          Seeders.variable(
              Class.forName("java.util.concurrent.CompletableFuture$UniCompletion"), "dep");
      PROCESS = Class.forName("java.lang.ProcessImpl");
      LOCKING = has(PROCESS, "lock") ? new Locking(PROCESS) : null;
      EXIT_CODE = Seeders.variable(PROCESS, "exitcode");
      HAS_EXITED = Seeders.variable(PROCESS, "hasExited");
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private ProcessInternals() {}

  /** The process that a function of {@code java.lang.ProcessImpl} is about. */
  static @Nullable Object processOf(@Nullable Object function) {
    if (function == null) {
      return null;
    }
    try {
      for (Field field : function.getClass().getDeclaredFields()) {
        if (field.getType() == PROCESS && field.trySetAccessible()) {
          return field.get(function);
        }
      }
      return null;
    } catch (IllegalAccessException e) {
      throw new AssertionError("it was made accessible", e);
    }
  }

  @SuppressWarnings("unchecked") // declared so
  private static ConcurrentMap<Long, CompletableFuture<Integer>> completions()
      throws ReflectiveOperationException {
    Field field = Class.forName("java.lang.ProcessHandleImpl").getDeclaredField("completions");
    field.setAccessible(true);
    Object map = field.get(null);
    if (map == null) {
      throw new NoSuchFieldException("completions is null");
    }
    return (ConcurrentMap<Long, CompletableFuture<Integer>>) map;
  }

  private static boolean has(Class<?> type, String name) {
    return Arrays.stream(type.getDeclaredFields()).anyMatch(f -> f.getName().equals(name));
  }

  /** The lock of each process, which older JDKs do not have: there it is its monitor. */
  static final class Locking {
    final VarHandle lock;
    final long lockOffset;
    final VarHandle condition;
    final long conditionOffset;

    Locking(Class<?> process) throws ReflectiveOperationException {
      lock = Seeders.variable(process, "lock");
      lockOffset = Memory.offset(process, "lock");
      condition = Seeders.variable(process, "condition");
      conditionOffset = Memory.offset(process, "condition");
    }
  }
}
