package dev.tine.process;

/** A command that wrote more than was to be kept, and was stopped. */
public final class OutputLimitException extends SubprocessException {
  private static final long serialVersionUID = 1;

  private final transient Result result;

  OutputLimitException(Capture capture, Result result) {
    super(
        result.command()
            + " wrote more than is captured, "
            + capture
            + ", and was stopped: allow more, or truncateBeyond(), headAndTail() or spillBeyond()");
    this.result = result;
  }

  /** What it had written up to the limit. */
  public Result result() {
    return result;
  }
}
