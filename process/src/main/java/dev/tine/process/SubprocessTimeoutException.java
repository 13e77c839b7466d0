package dev.tine.process;

import java.time.Duration;

/** A command that took longer than it was given, and was stopped. */
public final class SubprocessTimeoutException extends SubprocessException {
  private static final long serialVersionUID = 1;

  private final transient Result result;

  SubprocessTimeoutException(Duration limit, Result result) {
    super(
        result.command()
            + " was stopped after "
            + limit.toMillis()
            + " ms and "
            + result.status()
            + CommandFailedException.tail(result.stderr()));
    this.result = result;
  }

  /** What it had done by then. */
  public Result result() {
    return result;
  }
}
