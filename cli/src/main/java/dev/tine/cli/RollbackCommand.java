package dev.tine.cli;

import dev.tine.run.Request;
import dev.tine.run.StatusReader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tine rollback}. */
@Command(
    name = "rollback",
    header = "Go back to the generation before the last reload.",
    description = {
      "",
      "Its mold was kept: nothing is booted. Workers are replaced as by 'tine reload'."
    },
    sortOptions = false,
    synopsisHeading = "%nUsage: ",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:nothing has changed; the reason is on standard error",
      "2:the command line was wrong"
    })
final class RollbackCommand implements Callable<Integer> {
  @Mixin private Target target = new Target();

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Override
  public Integer call() throws CommandFailedException {
    StatusReader.read(target.follow(new Request.Rollback()));
    return 0;
  }
}
