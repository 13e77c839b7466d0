package dev.tine.fork;

import dev.tine.fork.audit.Audit;
import dev.tine.fork.internal.Forking;
import dev.tine.fork.internal.Listeners;
import dev.tine.fork.internal.OwnAudit;

/**
 * Forks the running JVM.
 *
 * <p>The child is a copy of this process at the moment of the call: the same heap, the same classes
 * and compiled code, and the same threads, each where it was. Its memory is shared with the parent
 * until one of them writes.
 */
public final class JvmFork {
  private static final Fork CHILD = new Fork.Child();

  private JvmFork() {}

  /**
   * Forks this process and returns twice, like fork(2).
   *
   * <p>All threads go on in the child as they do in the parent, so that code which must run in one
   * of them only has to ask which it is. Threads do not notice the fork: a call that waits goes on
   * waiting. In the child, {@link ForkedProcess}es of the parent are not its children, and a call
   * of {@code fork()} that was waiting for its turn there fails with {@link ForkException}.
   *
   * {@snippet class="dev.tine.fork.Snippets" region="fork"}
   *
   * <p>May be called by any thread; concurrent calls take turns. The caller waits until the child
   * is whole. As a task write {@code () -> JvmFork.fork()}: a method reference is ambiguous.
   *
   * @return {@link Fork.Parent} in the process that called, {@link Fork.Child} in the new one
   * @throws ForkException if this JVM or system cannot be forked, or the fork failed. The program
   *     goes on as before, and there is no child
   * @throws IllegalStateException if a {@link ForkListener} calls it
   */
  public static Fork fork() {
    return fork(ForkOptions.defaults());
  }

  /**
   * Forks this process as {@link #fork()} does, but for what {@code options} say.
   *
   * @throws ForkException as {@link #fork()}; what the predicates of the options throw is passed on
   */
  public static Fork fork(ForkOptions options) {
    Fork inChild =
        CHILD; // read before the fork: what is linked here need not be linked in each child
    ForkedProcess child = Forking.fork(options);
    return child == null ? inChild : new Fork.Parent(child);
  }

  /**
   * Registers someone who is told of each fork of this process and its children.
   *
   * {@snippet class="dev.tine.fork.Snippets" region="listener"}
   *
   * <p>May be called by any thread; it does not wait for a fork that is under way, of which the
   * listener is not told. A child has the registrations of its parent.
   *
   * @return what ends it
   */
  public static Registration onFork(ForkListener listener) {
    return Listeners.OF_PROCESS.add(listener);
  }

  /**
   * Says what a fork of this process would do with everything it has open, mapped and running.
   *
   * <p>Nothing is forked, and nothing changed. May be called by any thread.
   *
   * @throws dev.tine.fork.audit.AuditException if {@code /proc} cannot be read
   */
  public static Audit audit() {
    return audit(ForkOptions.defaults());
  }

  /**
   * Says what a fork of this process with {@code options} would do, as {@link #audit()}.
   *
   * @throws dev.tine.fork.audit.AuditException if {@code /proc} cannot be read; what the predicates
   *     of the options throw is passed on
   */
  public static Audit audit(ForkOptions options) {
    return OwnAudit.take(options);
  }
}
