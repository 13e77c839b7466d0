package dev.tine.systemtests.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The C compiler, for test programs that are no Java; their sources lie beside the tests. */
public final class Cc {
  private Cc() {}

  /** Compiles a program into the directory. */
  public static Path program(String source, Path directory)
      throws IOException, InterruptedException {
    return compile(source, directory, "program", List.of());
  }

  /** Compiles a shared library into the directory. */
  public static Path library(String source, Path directory)
      throws IOException, InterruptedException {
    return compile(source, directory, "library.so", List.of("-shared", "-fPIC"));
  }

  private static Path compile(String source, Path directory, String name, List<String> options)
      throws IOException, InterruptedException {
    Path c = directory.resolve(source);
    try (var stream = Cc.class.getResourceAsStream("/dev/tine/systemtests/" + source)) {
      Files.write(c, Objects.requireNonNull(stream, source).readAllBytes());
    }
    Path compiled = directory.resolve(name);
    String include = Path.of(System.getProperty("java.home"), "include").toString();
    List<String> command =
        new ArrayList<>(List.of("cc", "-O1", "-I" + include, "-I" + include + "/linux"));
    command.addAll(options);
    command.addAll(List.of("-o", compiled.toString(), c.toString(), "-ldl", "-lpthread"));
    Process compiler = new ProcessBuilder(command).inheritIO().start();
    assertThat(compiler.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(compiler.exitValue()).isZero();
    return compiled;
  }
}
