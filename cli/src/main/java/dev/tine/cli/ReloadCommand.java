package dev.tine.cli;

import dev.tine.run.Request;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
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
    customSynopsis = "tine reload [OPTIONS] [NAME] [-- COMMAND [ARGUMENT...]]")
final class ReloadCommand extends MonitorCommand {
  /** A name, if there is one before "--", and the command after it. */
  @Parameters(
      paramLabel = "NAME",
      hideParamSyntax = true,
      description =
          "Name of the program (default: the one that runs). After '--', another command for it.")
  private List<String> words = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  Request request() {
    List<String> all = spec.commandLine().getParseResult().originalArgs();
    int dashes = all.indexOf("--");
    int commandLength = dashes < 0 ? 0 : all.size() - dashes - 1;
    List<String> names = words.subList(0, words.size() - commandLength);
    Arguments.check(
        spec,
        names.size() <= 1,
        "one NAME, or a command after '--', as in: tine reload -- java -jar app.jar");
    target().called(names.stream().findFirst());
    return new Request.Reload(words.subList(names.size(), words.size()));
  }
}
