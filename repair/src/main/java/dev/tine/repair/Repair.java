package dev.tine.repair;

/**
 * Something that a process and its copy must not share, and that only Java code can make right.
 *
 * <p>What C code can make right (descriptors, mappings, thread ids) is right before any thread of a
 * child runs. Everything here is called by the thread that forks.
 */
interface Repair {
  /** Finds what is to be changed; once, before the first fork of a process. */
  default void prepare() {}

  /** In the parent, before any thread is stopped: locks may be taken and objects made. */
  default void beforeFork() {}

  /**
   * In the parent, while the threads of the program are suspended: what they change cannot be
   * missed any more. It must wait for nothing that one of them may hold, see {@link Suspension}.
   *
   * @param deadline by {@link System#nanoTime}: so long it may let a thread go on that has to come
   *     out of something
   * @return whether it has let one go on; all stand where it wants them now, but for other repairs
   *     that may not be so any more
   */
  default boolean suspended(long deadline) {
    return false;
  }

  /** In the parent again, whether the fork came off or not. */
  default void inParent() {}

  /**
   * In the child, while the threads of the program do not run yet: it must wait for nothing that
   * one of them may hold.
   *
   * <p>It is rehearsed in the parent after {@link #prepare}, where it must do no harm: a child
   * finds linked and loaded then what it would have to link, each child again.
   *
   * @param seeds random numbers that no other process has
   */
  void inChild(long[] seeds);

  /** In the child, after all repairs, when the threads of the program run. */
  default void resumed() {}
}
