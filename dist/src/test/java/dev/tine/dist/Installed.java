package dev.tine.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The distribution, unpacked into a folder with a space in its name, and a user who has nothing but
 * it.
 */
final class Installed {
  private static final long LIMIT_SECONDS = 60;

  private final Path folder;
  private final Path root;
  private final Path bin;
  private final Map<String, String> environment = new HashMap<>();

  private Installed(Path folder, Path root) {
    this.folder = folder;
    this.root = root;
    this.bin = root.resolve("bin/tine");
  }

  /** Unpacks the archive. All that its commands write is below {@code folder}, or a mistake. */
  static Installed in(Path folder) throws IOException, InterruptedException {
    Path archive = Path.of(System.getProperty("tine.archive"));
    Path programs = Files.createDirectories(folder.resolve("my programs"));
    Process tar =
        new ProcessBuilder("tar", "xzf", archive.toString(), "-C", programs.toString())
            .inheritIO()
            .start();
    assertThat(tar.waitFor()).isZero();
    String name = archive.getFileName().toString().replace(".tar.gz", "");
    var installed = new Installed(folder, programs.resolve(name));
    installed.environment.put("PATH", System.getenv("PATH"));
    installed.environment.put("JAVA25_HOME", System.getProperty("java.home"));
    for (String variable : List.of("HOME", "TMPDIR", "XDG_RUNTIME_DIR")) {
      installed.environment.put(
          variable, Files.createDirectories(folder.resolve(variable)).toString());
    }
    return installed;
  }

  /** The folder that was in the archive. */
  Path root() {
    return root;
  }

  Path home() {
    return folder.resolve("HOME");
  }

  /** What a command finds in its environment, beside what every command finds there. */
  Installed with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** Starts {@code tine} with these arguments, through the file at {@code launcher}. */
  Process start(Path launcher, Path output, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
  }

  /** Runs {@code tine} to its end. */
  Ended tine(String... arguments) throws IOException, InterruptedException {
    return tineAt(bin, arguments);
  }

  /** The same by another name. */
  Ended tineAt(Path launcher, String... arguments) throws IOException, InterruptedException {
    Path output = File.createTempFile("output", ".txt", folder.toFile()).toPath();
    Process process = start(launcher, output, arguments);
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running: " + Files.readString(output));
    }
    String text = Files.readString(output);
    Files.delete(output);
    return new Ended(process.exitValue(), text);
  }

  Path launcher() {
    return bin;
  }

  /** The files below {@code directory}. */
  static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(path -> !Files.isDirectory(path)).toList();
    }
  }

  /** How a command ended, and all that it printed. */
  record Ended(int exitCode, String output) {}
}
