package dev.tine.fork.audit;

/**
 * A process that cannot be audited. The message says what was tried, why it failed, and what helps.
 */
public final class AuditException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Why it cannot. */
  public enum Reason {
    NO_SUCH_PROCESS,
    NOT_A_JVM,
    PERMISSION_DENIED,
    /** It was there, and ended while it was looked at. */
    ENDED,
    /** {@code /proc} does not answer as it should. */
    UNREADABLE
  }

  private final Reason reason;

  /** Creates one. */
  public AuditException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Why it cannot be audited. */
  public Reason reason() {
    return reason;
  }
}
