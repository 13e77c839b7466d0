package dev.tine.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The command lines of a page that this project answers for: those of its own programs. */
public final class CommandLines {
  private static final Pattern WORD =
      Pattern.compile("(?:[^\\s\"'\\\\]|\\\\.|\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*')+");
  private static final Pattern BENCHMARK = Pattern.compile("\\b(dev\\.tine\\.benchmarks\\.\\w+)");

  private final Path root;

  /** For the tree at {@code root}. */
  public CommandLines(Path root) {
    this.root = root;
  }

  /**
   * The commands of a script, each as its words, without comments and redirections. What another
   * command puts in is a number.
   */
  static List<List<String>> commands(String script) {
    List<List<String>> commands = new ArrayList<>();
    for (String line :
        script.replace("\\\n", " ").replaceAll("\\$\\([^()]*\\)", "1").split("\n", -1)) {
      List<String> command = new ArrayList<>();
      Matcher words = WORD.matcher(line);
      while (words.find()) {
        String word = words.group();
        if (word.startsWith("#")) {
          break;
        }
        boolean ends = word.endsWith(";");
        if (ends) {
          word = word.substring(0, word.length() - 1);
        }
        if (word.matches("\\||&&|\\|\\||&|")) {
          ends = true;
        } else if (word.matches("[0-9]?[<>].*")) {
          if (word.matches("[0-9]?[<>]+")) {
            words.find(); // the file
          }
        } else {
          command.add(word.replaceAll("^(['\"])(.*)\\1$", "$2"));
        }
        if (ends && !command.isEmpty()) {
          commands.add(List.copyOf(command));
          command.clear();
        }
      }
      if (!command.isEmpty()) {
        commands.add(List.copyOf(command));
      }
    }
    return commands;
  }

  /** Whether a command is one that {@link #wrong} knows. */
  static boolean isOwn(List<String> command) {
    return program(command).filter(CommandLines::isOwn).isPresent();
  }

  private static boolean isOwn(String program) {
    return program.equals("tine")
        || program.matches("(\\./|\\.\\./)*(tine|(benchmarks|build|\\.ci|docs)/[a-z-]+)");
  }

  /** What is wrong with one of our own commands; empty if nothing, and for others. */
  public Optional<String> wrong(List<String> command) {
    String program = program(command).filter(CommandLines::isOwn).orElse("");
    List<String> arguments =
        command.subList(Math.min(command.size(), begin(command) + 1), command.size());
    String name = program.replaceFirst("^(\\.{1,2}/)+", "");
    if (name.isEmpty()) {
      return Optional.empty();
    }
    if (name.equals("tine")) {
      return parse(tine(), arguments);
    }
    if (!Files.isExecutable(root.resolve(name))) {
      return Optional.of("there is no program " + name);
    }
    return name.startsWith("benchmarks/")
        ? benchmark(name).flatMap(benchmark -> parse(benchmark, arguments))
        : Optional.empty();
  }

  /** The {@code tine} command, of which nothing is run. */
  static CommandLine tine() {
    return instance("dev.tine.cli.Tine");
  }

  /** The command of a benchmark; none for one that is a script and no more. */
  private Optional<CommandLine> benchmark(String name) {
    try {
      Matcher type = BENCHMARK.matcher(Files.readString(root.resolve(name)));
      return type.find() ? Optional.of(instance(type.group(1))) : Optional.empty();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Such classes are not public, and are no API: picocli makes them as it would to run them. */
  private static CommandLine instance(String type) {
    try {
      return new CommandLine(Class.forName(type));
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static Optional<String> parse(CommandLine command, List<String> arguments) {
    try {
      command.parseArgs(arguments.stream().map(CommandLines::example).toArray(String[]::new));
      return Optional.empty();
    } catch (ParameterException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** What may stand for a word that the reader is to choose. */
  private static String example(String word) {
    return switch (word) {
      case "N", "ID", "PID", "$PID", "$pid" -> "1";
      case "DIR", "FILE", "COMMAND" -> "/tmp";
      default -> word;
    };
  }

  private static Optional<String> program(List<String> command) {
    int begin = begin(command);
    return begin < command.size() ? Optional.of(command.get(begin)) : Optional.empty();
  }

  /** Where the program is named: after {@code sudo} and assignments. */
  private static int begin(List<String> command) {
    int begin = 0;
    while (begin < command.size() && command.get(begin).matches("sudo|exec|time|[A-Z_]+=.*")) {
      begin++;
    }
    return begin;
  }
}
