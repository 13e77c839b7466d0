package dev.tine.repair;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Makes {@link ProcessHandle#current} the child: the JDK asks for its pid and its start time once.
 *
 * <p>Everything else in the JDK that tells a pid asks the kernel each time, {@code
 * RuntimeMXBean.getPid()} and {@code getName()} among it.
 */
final class CurrentProcess implements Repair {
  @Override
  public void prepare() {
    Internals.ensureFound();
    Inlining.forbid();
  }

  @Override
  public void inChild(long[] seeds) {
    long pid = Kernel.pid();
    Memory.putLong(Internals.CURRENT, Internals.PID, pid);
    Memory.putLong(Internals.CURRENT, Internals.START_TIME, Internals.startTime(pid));
  }

  /** What is {@code private} in the JDK. */
  private static final class Internals {
    static final Object CURRENT = ProcessHandle.current();
    static final long PID;
    static final long START_TIME;
    private static final MethodHandle IS_ALIVE;
    private static final long UNKNOWN = 0;
    private static final long BOOT_TIME;

    static {
      try {
        Opens.ofBase("java.lang");
        Class<?> type = CURRENT.getClass();
        PID = Memory.offset(type, "pid");
        START_TIME = Memory.offset(type, "startTime");
        IS_ALIVE =
            MethodHandles.privateLookupIn(type, MethodHandles.lookup())
                .findStatic(type, "isAlive0", MethodType.methodType(long.class, long.class));
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
      BOOT_TIME = bootTime();
    }

    private Internals() {}

    static void ensureFound() {
      Known.ensure(Internals.class, "the handle of its own process");
    }

    /**
     * The same in each process; a child reads /proc only once to know its own, and not as the JDK.
     */
    static long startTime(long pid) {
      long millis = BOOT_TIME == UNKNOWN ? UNKNOWN : Kernel.startMillis();
      return millis == UNKNOWN ? startTimeOfJdk(pid) : BOOT_TIME + millis;
    }

    /** What the JDK adds to the time between boot and start. */
    private static long bootTime() {
      long start = startTimeOfJdk(Kernel.pid());
      long millis = Kernel.startMillis();
      return start <= 0 || millis == UNKNOWN ? UNKNOWN : start - millis;
    }

    private static long startTimeOfJdk(long pid) {
      try {
        return (long) IS_ALIVE.invokeExact(pid);
      } catch (Throwable e) {
        throw new AssertionError("ProcessHandleImpl.isAlive0 throws nothing", e);
      }
    }
  }
}
