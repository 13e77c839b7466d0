package dev.tine.cli;

import dev.tine.run.Request;
import dev.tine.run.StatusReader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command that asks the monitor of a program for one thing, and ends when that is done. */
@Command(
    sortOptions = false,
    synopsisHeading = "%nUsage: ",
    parameterListHeading = "%nParameters:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:not done, and nothing has changed; the reason is on standard error",
      "2:the command line was wrong"
    })
abstract class MonitorCommand implements Callable<Integer> {
  @Mixin private Target target = new Target();

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  /** What is asked; may refuse the command line. */
  abstract Request request();

  /** The program. */
  final Target target() {
    return target;
  }

  @Override
  public final Integer call() throws CommandFailedException {
    Request request = request();
    StatusReader.read(request.isFollowed() ? target.follow(request) : target.ask(request));
    return 0;
  }
}
