package dev.tine.repair;

/** The native call that forks this process, all threads included. */
public final class NativeFork {
  /** How many random numbers a child is given. */
  public static final int ENTROPY = 5;

  private NativeFork() {}

  /**
   * {@code tine_fork(request)}: the pid of the child, 0 in the child, or {@code -errno}. One call
   * at a time.
   *
   * <p>It does not read the result: a child has each page still to map and each call site still to
   * link, so that the first lines of Java are dearer there than all of its threads.
   *
   * @param request the address of a {@code struct tine_fork_request}
   * @param entropy of length {@link #ENTROPY}; filled in a child
   */
  public static native int fork(long request, long[] entropy);

  /** {@code tine_repaired()}: in a child, says to its parent that it is whole. */
  static native void repaired();

  /**
   * {@code tine_unrepaired(errno, what)}: in a child, says that it could not be repaired, and ends
   * it. Does not return.
   *
   * @param errno 0: no error of the kernel's
   * @param what in UTF-8; cut
   */
  static native void unrepaired(int errno, byte[] what);

  /**
   * {@code tine_await_repairs()}: in the parent, once after each {@link #fork} that returned a pid,
   * waits until the child is whole. 0; or 1: it is not, and is reaped.
   */
  public static native int awaitRepairs();

  /** 0, or the {@code -errno} that a test wants the repair of this number to fail with. */
  static native int repairFault(int number);
}
