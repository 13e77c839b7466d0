package dev.tine.repair;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The standstill of the program's threads from before a fork until its repairs are made.
 *
 * <p>Begun in the parent, it is inherited: a child begins with all threads suspended but the one
 * that forks and those of the VM, repairs itself, and lets them go on. While it lasts, nothing may
 * wait for a lock that one of them may hold, and that is every lock of Java code: a class is not to
 * be loaded, a call site not to be linked, nothing to be logged.
 */
final class Suspension {
  /**
   * Threads of the VM that run nothing of the program's, all in the thread group "system". The
   * Finalizer is none: it runs what the program has written.
   */
  private static final Set<String> OF_THE_VM =
      Set.of(
          "Reference Handler",
          "Signal Dispatcher",
          "Attach Listener",
          "Notification Thread",
          "Common-Cleaner");

  /** Of Tine's own, the threads that run nothing of the program's. */
  private static final Set<String> OF_TINE = Set.of("tine-reaper", Guest.THREAD_NAME, Renewer.NAME);

  /** Asked for once: older JDKs ask a SecurityManager of the program's for each step on the way. */
  private static final ThreadGroup SYSTEM = systemGroup();

  private static final MethodHandle LIVE_THREADS = liveThreadsHandle();

  /** Not an error of JVMTI's, which are positive. */
  private static final int SOME = -1;

  private static Thread[] suspended = new Thread[64];
  private static Thread[] candidates = new Thread[suspended.length];
  private static int[] errors = new int[suspended.length];
  private static int count;
  private static boolean begun;

  private Suspension() {}

  /** Begins it; throws {@link RepairException}, with all threads running, if it cannot. */
  static void begin() {
    int error = Jvmti.begin();
    if (error != Jvmti.NONE) {
      throw refused(
          "the right to suspend threads is another's (JVMTI error "
              + error
              + "): a debugger or an agent has it; take it away");
    }
    begun = true;
    count = 0;
    Thread current = Thread.currentThread();
    // Virtual threads first: their carriers must run to bring them to where they can be suspended.
    error = Jvmti.suspendVirtual(VirtualThreads.is(current) ? current : null);
    // A thread that runs may start others. Only when all that are listed stand still, and none has
    // been added since, is nobody left who could.
    if (error == Jvmti.NONE) {
      do {
        error = suspendNew(liveThreads(), current);
      } while (error == SOME);
    }
    if (error != Jvmti.NONE) {
      end();
      throw refused("a thread could not be suspended (JVMTI error " + error + ")");
    }
  }

  /** Lets all go on that {@link #begin} suspended; in the parent and in the child. Idempotent. */
  static void end() {
    if (!begun) {
      return;
    }
    begun = false;
    // What could fail here, a thread that has ended or runs already, is no matter.
    Jvmti.resume(suspended, count, errors);
    Arrays.fill(suspended, 0, count, null); // they are not to be kept alive
    count = 0;
    Thread current = Thread.currentThread();
    Jvmti.resumeVirtual(VirtualThreads.is(current) ? current : null);
    Jvmti.end(); // last: a new thread that went on earlier could wait for one that is suspended
  }

  /** Lets one suspended thread run for a moment, so that it comes out of what it is in. */
  static void step(Thread thread) {
    Thread[] one = {thread};
    int[] error = new int[1];
    Jvmti.resume(one, 1, error);
    if (error[0] == Jvmti.NONE) {
      Jvmti.pause();
      Jvmti.suspend(one, 1, error);
    }
  }

  /**
   * A suspended thread that is executing a method of a class of the JDK, which calls nothing of the
   * program's; null: none is.
   */
  static @Nullable Thread findInside(Class<?> type) {
    int busy = 0;
    if (candidates.length < count) {
      candidates = new Thread[suspended.length];
    }
    for (int i = 0; i < count; i++) {
      Thread thread = suspended[i];
      if (!ThreadStatus.isWaiting(thread)) { // most do, and to ask JVMTI is dear
        candidates[busy++] = thread;
      }
    }
    Thread found = Jvmti.inside(candidates, busy, type, Seeders.hasVirtualThreads());
    Arrays.fill(candidates, 0, busy, null); // they are not to be kept alive
    return found;
  }

  /** Makes every call once that is made while threads are suspended, so that all is linked then. */
  static void rehearse() {
    begun = true;
    count = 0;
    int error = Jvmti.begin();
    if (error == Jvmti.NONE) {
      Thread current = Thread.currentThread();
      Jvmti.suspend(suspended, 0, errors);
      Jvmti.resume(suspended, 0, errors);
      Jvmti.pause();
      Thread except = VirtualThreads.is(current) ? current : null;
      Jvmti.resumeVirtual(except); // first: were it linked between the two, it could not be
      Jvmti.suspendVirtual(except);
      Jvmti.resumeVirtual(except);
      for (Thread thread : liveThreads()) {
        isSuspendable(thread, current);
        ThreadStatus.isWaiting(thread);
      }
      has(current, 0);
      findInside(Object.class);
      step(current);
      end();
    }
  }

  static Thread[] liveThreads() {
    try {
      return (Thread[]) LIVE_THREADS.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError("Thread.getThreads() throws nothing", e);
    }
  }

  /** Suspends those that are not yet; {@link #SOME}, 0 if there were none, or an error of JVMTI. */
  private static int suspendNew(Thread[] threads, Thread current) {
    int before = count;
    int wanted = 0;
    Thread[] fresh = new Thread[threads.length];
    int next = 0;
    for (Thread thread : threads) {
      if (isSuspendable(thread, current)) {
        int at = has(thread, next);
        if (at >= 0) {
          next = at + 1; // the VM lists threads in the order in which they came
        } else {
          fresh[wanted++] = thread;
        }
      }
    }
    if (wanted == 0) {
      return Jvmti.NONE;
    }
    if (before + wanted > suspended.length) {
      suspended = Arrays.copyOf(suspended, 2 * (before + wanted));
      errors = new int[suspended.length];
    }
    int error = Jvmti.suspend(fresh, wanted, errors);
    if (error != Jvmti.NONE) {
      return error;
    }
    for (int i = 0; i < wanted; i++) {
      if (errors[i] == Jvmti.NONE) {
        suspended[count++] = fresh[i];
      } else if (errors[i] != Jvmti.THREAD_SUSPENDED && errors[i] != Jvmti.THREAD_NOT_ALIVE) {
        return errors[i]; // one that was suspended already stays so when the others go on
      }
    }
    return count > before ? SOME : Jvmti.NONE;
  }

  private static int has(Thread thread, int from) {
    for (int i = from; i < count; i++) {
      if (suspended[i] == thread) {
        return i;
      }
    }
    return -1;
  }

  static boolean isSuspendable(Thread thread, Thread current) {
    if (thread == current) {
      return false;
    }
    String name = thread.getName();
    if (OF_TINE.contains(name)) {
      return false;
    }
    return !SYSTEM.equals(thread.getThreadGroup()) || !OF_THE_VM.contains(name);
  }

  private static RepairException refused(String reason) {
    return RepairException.busy(reason);
  }

  private static ThreadGroup systemGroup() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    for (ThreadGroup above = group.getParent(); above != null; above = group.getParent()) {
      group = above;
    }
    return group;
  }

  private static MethodHandle liveThreadsHandle() {
    try {
      return Seeders.lookup(Thread.class)
          .findStatic(Thread.class, "getThreads", MethodType.methodType(Thread[].class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
