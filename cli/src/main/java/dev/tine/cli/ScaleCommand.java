package dev.tine.cli;

import dev.tine.run.Request;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tine scale}. */
@Command(
    name = "scale",
    header = "Change how many workers there are.",
    description = {
      "",
      "More are forked at once; of fewer, those with the highest ids are stopped as by SIGTERM."
    })
final class ScaleCommand extends MonitorCommand {
  @Parameters(paramLabel = "N", description = "How many, 1 to 1024.")
  private int number;

  @Override
  Request request() {
    return new Request.Scale(number);
  }
}
