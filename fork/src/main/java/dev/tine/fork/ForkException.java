package dev.tine.fork;

/**
 * A fork that was refused or failed. The program goes on as before, and there is no child.
 *
 * <p>The message says what could not be done, why, and what helps.
 */
public final class ForkException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Where a fork ended. */
  public enum Stage {
    /** Before anything happened: this JVM, processor, libc or kernel cannot be forked. */
    SUPPORT,
    /**
     * Before anything happened: another thread's fork made this process while the call waited its
     * turn.
     */
    OVERTAKEN,
    /** Before anything happened: a {@link ForkListener} did not let it. */
    LISTENER,
    /** No real-time signal is free, or someone took the one in use. */
    SIGNAL,
    /** The primordial thread did not answer. */
    LEADER,
    /** A thread could not be stopped. */
    PARK,
    /** The list of open descriptors could not be read. */
    SURVEY,
    /** The process could not be cloned. */
    CLONE,
    /** In the child: it could not be tied to the life of its parent. */
    PARENT_TIE,
    /** In the child: its descriptors could not be separated from the parent's. */
    DESCRIPTORS,
    /**
     * In the child: what names a process inside its JVM, for tools to find it by, could not become
     * its own.
     */
    IDENTITY,
    /** In the child: a thread could not be made. */
    THREADS,
    /** In the child: it ended before it was whole. */
    VERDICT,
    /**
     * In the child: what only Java code can make its own, such as its random numbers, could not.
     */
    REPAIR,
    /** The mold could not be asked for a worker. */
    ORDER
  }

  private final Stage stage;
  private final int errno;

  /**
   * Creates one.
   *
   * @param errno the kernel's error number; 0: not an error of the kernel's
   */
  public ForkException(Stage stage, int errno, String message) {
    super(message);
    this.stage = stage;
    this.errno = errno;
  }

  /**
   * Creates one for {@link Stage#LISTENER}.
   *
   * @param cause what the listener threw
   */
  public ForkException(String message, Throwable cause) {
    super(message, cause);
    this.stage = Stage.LISTENER;
    this.errno = 0;
  }

  /** The step that failed. */
  public Stage stage() {
    return stage;
  }

  /** The kernel's error number, such as 12 for ENOMEM; 0 if it was not the kernel that refused. */
  public int errno() {
    return errno;
  }
}
