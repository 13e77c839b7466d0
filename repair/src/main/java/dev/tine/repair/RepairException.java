package dev.tine.repair;

/**
 * A fork that must not be made, because the child could not be repaired. Nothing has happened; all
 * threads run.
 *
 * <p>The message is the reason, with the remedy if there is one; what it was that failed is said by
 * whoever catches it.
 */
public final class RepairException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Whether to try again makes sense. */
  public enum Kind {
    /** This JVM cannot be forked. */
    SUPPORT,
    /** It cannot be forked now. */
    BUSY
  }

  private final Kind kind;

  private RepairException(Kind kind, String reason) {
    super(reason);
    this.kind = kind;
  }

  static RepairException unsupported(String reason) {
    return new RepairException(Kind.SUPPORT, reason);
  }

  static RepairException busy(String reason) {
    return new RepairException(Kind.BUSY, reason);
  }

  /** Whether to try again makes sense. */
  public Kind kind() {
    return kind;
  }

  /** The message, which there always is. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
