package dev.tine.systemtests.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A class path in a place that every user can read; the original may lie in somebody's home. */
final class ClassPathCopy {
  private ClassPathCopy() {}

  /** Copies what the programs need: all but the jars of other projects. */
  static String at(Path target, String classPath) throws IOException {
    List<String> copies = new ArrayList<>();
    int n = 0;
    for (String entry : classPath.split(":", -1)) {
      Path source = Path.of(entry);
      Path copy = target.resolve(Integer.toString(n++));
      if (Files.isDirectory(source)) {
        copyDirectory(source, copy);
        copies.add(copy.toString());
      } else if (source.getFileName().toString().startsWith("tine-")) {
        Files.createDirectories(target);
        Files.copy(source, copy);
        copies.add(copy.toString());
      }
    }
    return String.join(":", copies);
  }

  private static void copyDirectory(Path source, Path target) throws IOException {
    try (Stream<Path> files = Files.walk(source)) {
      files.forEach(file -> {
        Path copy = target.resolve(source.relativize(file).toString());
        try {
          if (Files.isDirectory(file)) {
            Files.createDirectories(copy);
          } else {
            Files.copy(file, copy);
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }
}
