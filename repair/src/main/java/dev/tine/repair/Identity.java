package dev.tine.repair;

/**
 * What names a process inside its JVM: ids of threads, the file of the performance counters, the
 * socket for tools.
 */
public final class Identity {
  private Identity() {}

  /**
   * {@code tine__identity_find(env)}: finds where HotSpot keeps it, before the first fork. 0, or
   * {@code -ENOSYS}: this is no HotSpot that is known; {@code -ENOENT}: the name of the file of the
   * performance counters was not found.
   */
  public static native int find();

  /**
   * Names the listening sockets that a child must not answer: it gets ones in their place that
   * nobody can reach. Before each fork.
   */
  static native void detach(int[] fds);
}
