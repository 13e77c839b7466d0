package dev.tine.process;

import java.util.Optional;

/** A command that did not exit with 0. */
public final class CommandFailedException extends SubprocessException {
  private static final long serialVersionUID = 1;
  private static final int TAIL_CHARACTERS = 2000;

  private final transient Command command;
  private final transient ExitStatus status;
  private final transient Optional<Result> result;

  CommandFailedException(Command command, ExitStatus status) {
    super(describe(command, status));
    this.command = command;
    this.status = status;
    this.result = Optional.empty();
  }

  CommandFailedException(Result result) {
    super(describe(result.command(), result.status()) + tail(result.stderr()));
    this.command = result.command();
    this.status = result.status();
    this.result = Optional.of(result);
  }

  /** What was run. */
  public Command command() {
    return command;
  }

  /** How it ended. */
  public ExitStatus status() {
    return status;
  }

  /** All that is known, if it was run by {@link Command#run()}. */
  public Optional<Result> result() {
    return result;
  }

  /** The end of an error output, for a message. */
  static String tail(Output stderr) {
    String text = stderr.text().strip();
    if (text.isEmpty()) {
      return "";
    }
    int from = Math.max(0, text.length() - TAIL_CHARACTERS);
    return "; stderr: " + (from > 0 ? "..." : "") + text.substring(from);
  }

  private static String describe(Command command, ExitStatus status) {
    return command + " " + status + " after " + status.wallTime().toMillis() + " ms";
  }
}
