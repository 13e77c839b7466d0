package dev.tine.process;

/** A program did not say what was expected; the message has what it did say. */
public final class ExpectException extends SubprocessException {
  private static final long serialVersionUID = 1;

  ExpectException(String message, Throwable cause) {
    super(message, cause);
  }
}
