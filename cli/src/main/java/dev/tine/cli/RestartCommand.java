package dev.tine.cli;

import dev.tine.run.Request;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tine restart}. */
@Command(
    name = "restart",
    header = "Replace a worker.",
    description = {
      "",
      "A new one with its id is forked. When it serves, the old one stops to accept, finishes its"
          + " requests, and is ended by SIGTERM."
    })
final class RestartCommand extends MonitorCommand {
  @Parameters(paramLabel = "ID", description = "Id of the worker.")
  private int number;

  @Override
  Request request() {
    return new Request.Restart(number);
  }
}
