package dev.tine.cli;

import dev.tine.run.Request;
import dev.tine.run.RuntimeDirectory;
import dev.tine.run.StatusReader;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tine reload}. */
@Command(
    name = "reload",
    header = "Boot the program anew, and let it take over without losing a request.",
    description = {
      "",
      "A new generation boots beside the one that serves, with the same command or the one given"
          + " after '--', is warmed and frozen. Its first worker must be ready and healthy for the"
          + " probation; then worker by worker is replaced: the successor serves before its"
          + " predecessor stops to accept, finishes its requests, and ends.",
      "",
      "Shows what happens, and returns when it is done. If anything fails, or this command is"
          + " interrupted, the new generation is thrown away and the old one serves on."
    },
    sortOptions = false,
    synopsisHeading = "%nUsage: ",
    customSynopsis = "tine reload [OPTIONS] [-- COMMAND [ARGUMENT...]]",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:nothing has changed; the reason is on standard error",
      "2:the command line was wrong"
    })
final class ReloadCommand implements Callable<Integer> {
  @Mixin private Target target = new Target();

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Parameters(paramLabel = "COMMAND", hidden = true)
  private List<String> command = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws CommandFailedException {
    if (command.size() == 1) {
      checkIsNoName(command.getFirst());
    }
    StatusReader.read(target.follow(new Request.Reload(command)));
    return 0;
  }

  /** Other commands take the name of a program there, and a JVM of one word runs nothing. */
  private void checkIsNoName(String word) {
    if (RuntimeDirectory.names().contains(word) || !Executables.has(word)) {
      throw new ParameterException(
          spec.commandLine(), "'%s' is no command; did you mean --name %s?".formatted(word, word));
    }
  }
}
