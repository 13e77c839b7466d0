package dev.tine.docs;

import dev.tine.docs.Settings.Kind;
import dev.tine.docs.Settings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code docs/CONFIGURATION.md}: all that can be set, as the code has it. */
public final class ConfigurationPage {
  /** Where it is in the tree. */
  static final Path PATH = Path.of("docs", "CONFIGURATION.md");

  private static final String HEAD =
      """
      # Configuration

      All that can be set, made from the code by `build/docs configuration`; the build fails while this page says anything else. What the options are for
      is explained in [RUN](RUN.md) and [OPERATIONS](OPERATIONS.md).

      Times have a unit: `500ms`, `60s`, `5m`. Each option has this one spelling, and may be written `--option VALUE` or `--option=VALUE`.

      ## Commands

      | command | |
      |---|---|
      """;

  private final StringBuilder text = new StringBuilder(HEAD);

  private ConfigurationPage() {}

  /** Writes it into the tree at {@code arguments[0]}. */
  public static void main(String[] arguments) throws IOException {
    Files.writeString(Path.of(arguments[0]).resolve(PATH), text());
  }

  /** The page as it should be. */
  static String text() {
    return new ConfigurationPage().make();
  }

  private String make() {
    CommandSpec tine = CommandLines.tine().getCommandSpec();
    List<CommandSpec> commands =
        tine.subcommands().values().stream()
            .map(CommandLine::getCommandSpec)
            .filter(command -> !command.usageMessage().hidden())
            .filter(command -> !command.name().equals("help"))
            .distinct()
            .toList();
    for (CommandSpec command : commands) {
      String name = "tine " + command.name();
      row("[`%s`](#%s)".formatted(name, name.replace(' ', '-')), header(command));
    }
    row("`tine --version`, `tine help COMMAND`", "");
    commands.forEach(this::command);
    codes(commands);
    settings(
        "System properties",
        "Of a JVM that uses the library, given as `-Dname=value`. A program under `tine run` needs"
            + " none.",
        Kind.PROPERTY);
    settings("Environment variables", "What `tine` reads:", Kind.READ);
    text.append("\nWhat the command of `--on-event` is given:\n\n| variable | |\n|---|---|\n");
    of(Kind.GIVEN).forEach(setting -> row(code(setting.name()), setting.text()));
    return text.toString();
  }

  private void command(CommandSpec command) {
    text.append("\n## tine ").append(command.name()).append("\n\n");
    text.append(header(command)).append("\n");
    boolean any =
        command.options().stream().anyMatch(ConfigurationPage::isShown)
            || command.positionalParameters().stream().anyMatch(p -> !p.hidden());
    if (!any) {
      return;
    }
    text.append("\n| option | meaning |\n|---|---|\n");
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      if (!parameter.hidden()) {
        row(code(parameter.paramLabel()), description(parameter.description()));
      }
    }
    for (OptionSpec option : command.options()) {
      if (isShown(option)) {
        String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        row(
            code(option.longestName() + value),
            description(option.description())
                .replace("${DEFAULT-VALUE}", String.valueOf(option.defaultValue())));
      }
    }
  }

  private static boolean isShown(OptionSpec option) {
    return !option.hidden() && !option.usageHelp() && !option.versionHelp();
  }

  /** Commands that mean the same by a code share a row. */
  private void codes(List<CommandSpec> commands) {
    text.append("\n## Exit codes\n\n| code | meaning | of |\n|---|---|---|\n");
    Map<Integer, Map<String, List<String>>> codes = new TreeMap<>();
    for (CommandSpec command : commands) {
      command
          .usageMessage()
          .exitCodeList()
          .forEach((code, meaning) ->
              codes
                  .computeIfAbsent(Integer.valueOf(code.strip()), c -> new LinkedHashMap<>())
                  .computeIfAbsent(meaning, m -> new ArrayList<>())
                  .add(code(command.name())));
    }
    codes.forEach((code, meanings) ->
        meanings.forEach((meaning, names) ->
            text.append(
                "| %d | %s | %s |\n".formatted(code, cell(meaning), String.join(", ", names)))));
  }

  private void settings(String heading, String introduction, Kind kind) {
    text.append("\n## ").append(heading).append("\n\n").append(introduction);
    text.append("\n\n| name | value (unless it is set) | meaning |\n|---|---|---|\n");
    for (Setting setting : of(kind)) {
      text.append("| ").append(code(setting.name()).replace(", ", "`, `")).append(" | ");
      text.append(setting.value()).append(" | ").append(setting.text()).append(" |\n");
    }
  }

  private static List<Setting> of(Kind kind) {
    return Settings.ALL.stream().filter(setting -> setting.kind() == kind).toList();
  }

  private static String header(CommandSpec command) {
    return plain(String.join(" ", command.usageMessage().header()));
  }

  private static String description(String[] lines) {
    return plain(String.join(" ", lines));
  }

  /** As a terminal without colours would show it. */
  private static String plain(String text) {
    return Ansi.OFF.string(text).replace("%n", " ").replace("%%", "%").strip();
  }

  private void row(String first, String second) {
    text.append("| ").append(first).append(" | ").append(cell(second)).append(" |\n");
  }

  /** Options and what is quoted are code; a bar would end the cell, and tags would be none. */
  private static String cell(String text) {
    return text.replace("|", "\\|")
        .replace("<", "&lt;")
        .replaceAll("(?<![\\w\"])'([^'\"]*)'", "`$1`")
        .replaceAll("(?<![\\w`-])(--[a-z][a-z-]*)", "`$1`");
  }

  private static String code(String text) {
    return "`" + text + "`";
  }
}
