package dev.tine.cli;

import dev.tine.run.Request;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tine stop}. */
@Command(
    name = "stop",
    header = "Stop a program: all workers, as SIGTERM does.",
    description = {"", "Returns when nothing of it is left."})
final class StopCommand extends MonitorCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "Name of the program (default: the one that runs).")
  private Optional<String> name = Optional.empty();

  @Override
  Request request() {
    target().called(name);
    return new Request.Stop();
  }
}
