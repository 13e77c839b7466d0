package dev.tine.fork.crac;

/** Resources that did not let a fork happen; why is in the suppressed exceptions. */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CheckpointException(String message) {
    super(message);
  }
}
