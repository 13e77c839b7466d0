package dev.tine.cli;

import dev.tine.run.Request;
import dev.tine.run.StatusReader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tine scale}. */
@Command(
    name = "scale",
    header = "Change how many workers there are.",
    description = {
      "",
      "More are forked at once; of fewer, those with the highest ids are stopped as by SIGTERM."
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
final class ScaleCommand implements Callable<Integer> {
  @Mixin private Target target = new Target();

  @Parameters(paramLabel = "N", description = "How many, 1 to 1024.")
  private int number;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Override
  public Integer call() throws CommandFailedException {
    StatusReader.read(target.ask(new Request.Scale(number)));
    return 0;
  }
}
