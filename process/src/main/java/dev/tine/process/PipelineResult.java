package dev.tine.process;

import java.util.List;

/**
 * What came of a pipeline that was run to its end.
 *
 * @param stages of each command, in their order
 */
public record PipelineResult(List<Result> stages) {
  /** Keeps a copy. */
  public PipelineResult {
    stages = List.copyOf(stages);
  }

  /** What the last command wrote to stdout, as UTF-8. */
  public String text() {
    return stages.getLast().text();
  }

  /** Whether no command failed, in the sense of {@link Pipeline#run()}. */
  public boolean isSuccess() {
    return failedStage() < 0;
  }

  /** The last command that failed; -1: none did. */
  int failedStage() {
    for (int i = stages.size() - 1; i >= 0; i--) {
      ExitStatus status = stages.get(i).status();
      boolean cutShort =
          i < stages.size() - 1
              && status instanceof ExitStatus.Signaled signaled
              && signaled.signal().equals(Signal.PIPE);
      if (!status.isSuccess() && !cutShort) {
        return i;
      }
    }
    return -1;
  }
}
