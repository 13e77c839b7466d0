package dev.tine.cli;

import java.util.List;

/** What a program is called if nobody says: by the jar or main class of its command. */
final class ProgramName {
  private static final int MAX_LENGTH = 32;

  private ProgramName() {}

  static String of(List<String> command) {
    String main = mainOf(command);
    String file = main.substring(main.lastIndexOf('/') + 1);
    String simple =
        file.endsWith(".jar")
            ? file.substring(0, file.length() - ".jar".length())
            : file.substring(file.lastIndexOf('.') + 1);
    String allowed = simple.replaceAll("[^A-Za-z0-9._-]", "-");
    String cut = allowed.substring(0, Math.min(allowed.length(), MAX_LENGTH));
    return cut.isEmpty() ? "app" : cut;
  }

  /** The first argument that is neither an option nor the value of one. */
  private static String mainOf(List<String> command) {
    for (int i = 1; i < command.size(); i++) {
      switch (command.get(i)) {
        case "-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules" -> i++;
        case String option when option.startsWith("-") -> {
          // an option with its value in it, or -jar or -m
        }
        case String main -> {
          return main;
        }
      }
    }
    return command.getFirst();
  }
}
