package dev.tine.cli;

import dev.tine.run.Request;
import picocli.CommandLine.Command;

/** {@code tine rollback}. */
@Command(
    name = "rollback",
    header = "Go back to the generation before the last reload.",
    description = {
      "",
      "Its mold was kept: nothing is booted. Workers are replaced as by 'tine reload'."
    })
final class RollbackCommand extends MonitorCommand {
  @Override
  Request request() {
    return new Request.Rollback();
  }
}
