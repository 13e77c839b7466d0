package dev.tine.cli;

import dev.tine.run.Request;
import dev.tine.run.StatusReader;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tine logs}. */
@Command(
    name = "logs",
    header = "Print the last lines of all processes of a program.",
    description = {"", "At most 1,000 lines, as they were printed where it runs."},
    sortOptions = false,
    synopsisHeading = "%nUsage: ",
    parameterListHeading = "%nParameters:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:no such program, or its monitor refused; the reason is on standard error",
      "2:the command line was wrong"
    })
final class LogsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private Target target = new Target();

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "Name of the program (default: the one that runs).")
  private Optional<String> name = Optional.empty();

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Override
  public Integer call() throws CommandFailedException {
    target.called(name);
    for (String line : StatusReader.lines(target.ask(new Request.GetLogs()))) {
      spec.commandLine().getOut().println(line);
    }
    return 0;
  }
}
