package dev.tine.prefork;

import java.io.Serial;

/**
 * Workers ended abnormally more often than {@link Prefork#forkProcesses(int, int)} was told to
 * accept. All workers are stopped when this is thrown.
 */
public final class TooManyRestartsException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1L;

  TooManyRestartsException() {
    super("Too many child restarts, giving up");
  }
}
