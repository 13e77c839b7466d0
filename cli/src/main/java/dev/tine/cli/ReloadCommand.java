package dev.tine.cli;

import dev.tine.run.Request;
import dev.tine.run.RuntimeDirectory;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
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
    customSynopsis = "tine reload [OPTIONS] [-- COMMAND [ARGUMENT...]]")
final class ReloadCommand extends MonitorCommand {
  @Parameters(paramLabel = "COMMAND", hidden = true)
  private List<String> command = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  Request request() {
    if (command.size() == 1) {
      checkIsNoName(command.getFirst());
    }
    return new Request.Reload(command);
  }

  /** Other commands take the name of a program there, and a JVM of one word runs nothing. */
  private void checkIsNoName(String word) {
    if (RuntimeDirectory.names().contains(word) || !Executables.has(word)) {
      throw new ParameterException(
          spec.commandLine(), "'%s' is no command; did you mean --name %s?".formatted(word, word));
    }
  }
}
