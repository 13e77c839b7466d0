package dev.tine.repair;

import org.jspecify.annotations.Nullable;

/**
 * Tine's access to the threads, objects and classes of the running VM, by JVMTI.
 *
 * <p>Called by the thread that forks. All calls are JNI: they are made while other threads are
 * suspended, and a call that were linked then could wait for one of them.
 */
public final class Jvmti {
  /** No error. */
  public static final int NONE = 0;

  /** The thread was suspended already. */
  public static final int THREAD_SUSPENDED = 14;

  /** The thread has ended. */
  public static final int THREAD_NOT_ALIVE = 15;

  private Jvmti() {}

  /**
   * Opens the environment, once; 0 or an error of JVMTI.
   *
   * @param watched classes whose subclasses are counted, see {@link #newClasses}; at most 4
   */
  public static native int open(Class<?>[] watched);

  /** How many subclasses of the watched classes could first be used since {@link #open}. */
  public static native int newClasses();

  /**
   * Takes the right to suspend, which one user of JVMTI can have at a time, and holds up threads
   * that start from now on, until {@link #end}; 0 or an error of JVMTI.
   */
  public static native int begin();

  /** Lets new threads go on, and gives the right back. */
  public static native void end();

  /**
   * Suspends the first {@code count} threads, and says for each what came of it; 0 or an error of
   * JVMTI.
   */
  public static native int suspend(Thread[] threads, int count, int[] errors);

  /** Lets the first {@code count} threads go on; as {@link #suspend}. */
  public static native int resume(Thread[] threads, int count, int[] errors);

  /** Suspends all virtual threads but one; 0 or an error of JVMTI. */
  public static native int suspendVirtual(@Nullable Thread except);

  /** Lets all virtual threads go on but one, which was not suspended; 0 or an error of JVMTI. */
  public static native int resumeVirtual(@Nullable Thread except);

  /**
   * One of the first {@code count} suspended threads, or of the virtual threads that they carry,
   * that is executing a method of a class, or what that has called; null if none is.
   */
  static native @Nullable Thread inside(
      Thread[] threads, int count, Class<?> type, boolean withVirtual);

  /** The thread that holds the monitor of an object. The VM is stopped for a moment. */
  public static native @Nullable Thread owner(Object object);

  /**
   * All instances of a class and its subclasses, also such as are garbage; null if memory does not
   * suffice. Walks through the whole heap, which costs 0.1 to 0.5 s per gigabyte.
   */
  public static native Object @Nullable [] instances(@Nullable Class<?> type);

  /** A class and all its subclasses that are loaded; null if memory does not suffice. */
  public static native Class<?> @Nullable [] subclasses(Class<?> type);

  /** A full collection, whatever the options of the VM say of explicit ones; waits for it. */
  static native void collect();

  /**
   * Makes each compiled method ready to be called: a collection has left a barrier at its entry,
   * which the first call takes away by writing to it.
   */
  static native void enterCompiled();

  /** Gives way to other threads. */
  public static native void pause();

  /**
   * Waits until {@link #done} is called, and forgets it; false if it is not in time. A virtual
   * thread stays on its carrier, which may be suspended.
   */
  public static native boolean await(int millis);

  /** Ends the wait of {@link #await}. */
  public static native void done();
}
