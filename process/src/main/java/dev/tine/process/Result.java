package dev.tine.process;

import java.util.List;

/**
 * What came of a command that was run to its end.
 *
 * @param stdout empty if it was not captured
 * @param stderr empty if it was not captured
 * @param heldBy the processes that had its output open when it was not read any further, because
 *     the time after the end of the command was over; empty if the output has ended
 */
public record Result(
    Command command, ExitStatus status, Output stdout, Output stderr, List<Long> heldBy) {

  /** What it wrote to stdout, as UTF-8. */
  public String text() {
    return stdout.text();
  }

  /** Whether it exited with 0. */
  public boolean isSuccess() {
    return status.isSuccess();
  }
}
