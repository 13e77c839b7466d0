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
}
