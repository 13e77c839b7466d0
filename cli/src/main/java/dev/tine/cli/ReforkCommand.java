package dev.tine.cli;

import dev.tine.run.Request;
import dev.tine.run.StatusReader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tine refork}. */
@Command(
    name = "refork",
    header = "Make the worker that has served for longest the mold of all others.",
    description = {
      "",
      "A successor takes its place; it finishes its requests and is frozen. Workers that are forked"
          + " from it begin with all the code that it has compiled, and share its memory. Then the"
          + " others are replaced as by 'tine reload'. 'tine rollback' goes back."
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
final class ReforkCommand implements Callable<Integer> {
  @Mixin private Target target = new Target();

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Override
  public Integer call() throws CommandFailedException {
    StatusReader.read(target.follow(new Request.Refork()));
    return 0;
  }
}
