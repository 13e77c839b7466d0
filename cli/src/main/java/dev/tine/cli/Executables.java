package dev.tine.cli;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;

/** What a shell could start. */
final class Executables {
  private Executables() {}

  /** Whether there is one of this path, or of this name in PATH. */
  static boolean has(String command) {
    if (command.contains("/")) {
      return isExecutable(Path.of(command));
    }
    String path = System.getenv().getOrDefault("PATH", "");
    return Arrays.stream(path.split(Pattern.quote(File.pathSeparator)))
        .anyMatch(directory -> isExecutable(Path.of(directory, command)));
  }

  private static boolean isExecutable(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
