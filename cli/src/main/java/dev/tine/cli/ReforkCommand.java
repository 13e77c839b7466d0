package dev.tine.cli;

import dev.tine.run.Request;
import picocli.CommandLine.Command;

/** {@code tine refork}. */
@Command(
    name = "refork",
    header = "Make the worker that has served for longest the mold of all others.",
    description = {
      "",
      "A successor takes its place; it finishes its requests and is frozen. Workers that are forked"
          + " from it begin with all the code that it has compiled, and share its memory. Then the"
          + " others are replaced as by 'tine reload'. 'tine rollback' goes back."
    })
final class ReforkCommand extends MonitorCommand {
  @Override
  Request request() {
    return new Request.Refork();
  }
}
