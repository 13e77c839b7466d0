package dev.tine.fork.crac;

/** Resources that failed after a fork; why is in the suppressed exceptions. */
public final class RestoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  RestoreException(String message) {
    super(message);
  }
}
