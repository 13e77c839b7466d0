package dev.tine.fork;

/**
 * Someone who is told of each fork of the process: before it, and after it in both processes.
 *
 * <p>Registered with {@link JvmFork#onFork}. It is told of a fork by {@link JvmFork#fork} and of
 * the freezing of a mold, as by {@code Prefork.forkProcesses}: {@link #beforeFork} once, {@link
 * #inParent} once in the process that goes on, and {@link #inChild} once in the child, or in each
 * worker that is made of the mold, however much later that is. Nothing is called in the mold
 * itself.
 *
 * <p>Each call of {@link #beforeFork} that returns is followed by exactly one of {@link #inParent}
 * in the same process, whatever becomes of the fork.
 *
 * <p>All three are called by the thread that forks, one fork at a time. Other threads of the
 * program run meanwhile, in the parent and in the child, and may use there what a listener has not
 * yet put right; a lock that both take keeps them out. A listener must not fork: that is refused
 * with {@link IllegalStateException}. Nor may it wait for another thread that forks, which waits
 * for the listener.
 */
public interface ForkListener {

  /**
   * Before the fork, when no thread has been stopped yet: the last one that was registered is
   * called first.
   *
   * <p>An exception cancels the fork. Those that were called before are told so by {@link
   * #inParent}, this one is not, and {@link JvmFork#fork} fails with {@link
   * ForkException.Stage#LISTENER}.
   */
  default void beforeFork() {}

  /**
   * In the process that forked, after the fork, or after it failed or was cancelled: in the order
   * of registration.
   *
   * <p>An exception is logged, and the other listeners are called: the fork has been made.
   */
  default void inParent() {}

  /**
   * In the child, in the order of registration, before the fork returns there.
   *
   * <p>All repairs have been made: pids are right, random numbers differ from the parent's, and
   * connections are detached. An exception is logged, and the other listeners are called. One that
   * must not go on without what failed here ends the child, with {@link Runtime#halt}.
   */
  default void inChild() {}
}
