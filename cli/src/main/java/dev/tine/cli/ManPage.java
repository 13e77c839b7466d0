package dev.tine.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The manual page of {@code tine}: what {@code --help} of all commands says, as one text. */
final class ManPage {
  private final Roff roff;

  private ManPage(Roff roff) {
    this.roff = roff;
  }

  /** The page of {@code tine} and its commands, for man(1). */
  static String of(CommandLine tine, String version) {
    CommandSpec spec = tine.getCommandSpec();
    var roff = new Roff(spec.name(), version);
    new ManPage(roff).write(spec);
    return roff.text();
  }

  private void write(CommandSpec tine) {
    roff.section("NAME").paragraph(tine.name() + " - " + joined(tine.usageMessage().header()));
    roff.section("SYNOPSIS").paragraph(synopsis(tine));
    describe(tine.usageMessage().description());
    roff.section("OPTIONS");
    options(tine);
    roff.section("COMMANDS");
    for (CommandLine command : tine.subcommands().values()) {
      CommandSpec spec = command.getCommandSpec();
      if (!spec.usageMessage().hidden()) {
        command(spec);
      }
    }
    roff.section("EXIT STATUS");
    exitCodes(tine.usageMessage());
  }

  private void command(CommandSpec command) {
    UsageMessageSpec usage = command.usageMessage();
    roff.subsection(command.qualifiedName());
    roff.paragraph(joined(usage.header()));
    roff.paragraph(synopsis(command));
    describe(usage.description());
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      if (!parameter.hidden()) {
        roff.item(parameter.paramLabel(), explained(parameter));
      }
    }
    options(command);
    if (!usage.exitCodeList().isEmpty()) {
      roff.paragraph("Exit codes:");
      exitCodes(usage);
    }
    describe(usage.footer());
  }

  private void options(CommandSpec command) {
    for (OptionSpec option : command.options()) {
      if (!option.hidden()) {
        String value = option.arity().max() == 0 ? "" : "=" + option.paramLabel();
        roff.item(String.join(", ", option.names()) + value, explained(option));
      }
    }
  }

  private void exitCodes(UsageMessageSpec usage) {
    for (Map.Entry<String, String> code : usage.exitCodeList().entrySet()) {
      roff.item(code.getKey(), plain(code.getValue()));
    }
  }

  /** Paragraphs, divided by empty lines; one with an indented line is laid out already. */
  private void describe(String[] lines) {
    List<String> paragraph = new ArrayList<>();
    for (String line : plain(String.join("%n", lines)).split("\n", -1)) {
      if (!line.isBlank()) {
        paragraph.add(line.stripTrailing());
      } else {
        end(paragraph);
      }
    }
    end(paragraph);
  }

  private void end(List<String> paragraph) {
    if (paragraph.stream().anyMatch(line -> line.startsWith("  "))) {
      roff.verbatim(paragraph);
    } else if (!paragraph.isEmpty()) {
      roff.paragraph(String.join(" ", paragraph));
    }
    paragraph.clear();
  }

  private static String synopsis(CommandSpec command) {
    return new Help(command, Help.defaultColorScheme(Ansi.OFF)).synopsis(0);
  }

  /** Picocli has formatted these texts already, so a percent sign is one. */
  private static String explained(ArgSpec argument) {
    return Ansi.OFF.string(String.join(" ", argument.description()));
  }

  private static String joined(String[] lines) {
    return plain(String.join(" ", lines));
  }

  /** What picocli prints for one of its texts, which are formats with markup. */
  private static String plain(String text) {
    return Ansi.OFF.string(text.formatted());
  }
}
