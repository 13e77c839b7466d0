package dev.tine.cli;

import java.io.Serial;

/** A command could not do its work. The message is for the user: what failed, on what, the cure. */
final class CommandFailedException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  CommandFailedException(String message) {
    super(message);
  }

  CommandFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
