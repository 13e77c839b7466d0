package dev.tine.run;

/** The program could not be run; the message tells a user why, and the cure. */
public final class RunFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  RunFailedException(String message) {
    super(message);
  }
}
