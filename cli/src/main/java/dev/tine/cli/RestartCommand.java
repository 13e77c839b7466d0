package dev.tine.cli;

import dev.tine.run.Request;
import dev.tine.run.StatusReader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tine restart}. */
@Command(
    name = "restart",
    header = "Replace a worker.",
    description = {
      "",
      "A new one with its id is forked. When it serves, the old one stops to accept, finishes its"
          + " requests, and is ended by SIGTERM."
    },
    sortOptions = false,
    synopsisHeading = "%nUsage: ",
    parameterListHeading = "%nParameters:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:no such program or worker, or its monitor refused; the reason is on standard error",
      "2:the command line was wrong"
    })
final class RestartCommand implements Callable<Integer> {
  @Mixin private Target target = new Target();

  @Parameters(paramLabel = "ID", description = "Id of the worker.")
  private int number;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Override
  public Integer call() throws CommandFailedException {
    StatusReader.read(target.ask(new Request.Restart(number)));
    return 0;
  }
}
