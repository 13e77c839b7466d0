package dev.tine.benchmarks.peers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Programs of this machine that peers need. */
final class Programs {
  static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private static final List<String> MORE_FOLDERS = List.of("/usr/local/sbin", "/usr/sbin");
  private static final List<String> PYTHONS = List.of("/usr/bin/python3", "python3");

  private Programs() {}

  /** Where it is, if it is installed. */
  static Optional<String> find(String name) {
    return Stream.concat(
            Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)),
            MORE_FOLDERS.stream())
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  /** A Python that has the module. */
  static Optional<String> pythonWith(String module) {
    return PYTHONS.stream().filter(python -> imports(python, module)).findFirst();
  }

  private static boolean imports(String python, String module) {
    try {
      return new ProcessBuilder(python, "-c", "import " + module)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
