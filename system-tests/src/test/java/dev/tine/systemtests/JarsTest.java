package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tine.systemtests.kit.Jdk;
import dev.tine.systemtests.kit.NumberedClasses;
import dev.tine.systemtests.kit.TestJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Processes that read the same open jars at the same time do not take each other's bytes.
 *
 * <p>The JDK reads jars by seek and read. With a position that is shared, each process reads where
 * another one sought.
 */
class JarsTest {
  private static final int JARS = 50;
  private static final int CLASSES = 40;

  @ParameterizedTest(name = "JDK {0}")
  @ValueSource(ints = {17, 25})
  void shouldLoadTheRightClassesInAllProcessesAtOnce(int version, @TempDir Path directory)
      throws IOException {
    Optional<Path> home = Jdk.home(version);
    assumeTrue(home.isPresent(), "JDK " + version + " is installed");
    Path classes = compile(directory);
    List<String> arguments = new ArrayList<>();
    arguments.add(TestJvm.library(directory));
    arguments.add(Integer.toString(CLASSES));
    for (int i = 0; i < JARS; i++) {
      Path jar = directory.resolve(i + ".jar");
      NumberedClasses.writeJar(jar, i * CLASSES, (i + 1) * CLASSES);
      arguments.add(jar.toString());
    }
    try (TestJvm jvm =
        TestJvm.of("ManyJars")
            .java(home.get())
            .classPath(classes + ":" + TestJvm.repairs())
            .arguments(arguments.toArray(String[]::new))
            .start()) {
      assertThat(jvm.exitCode()).as(jvm.report()).isZero();
      jvm.assertNothingLeft();
      assertThat(jvm.lines())
          .containsExactlyInAnyOrderElementsOf(
              Stream.concat(IntStream.range(0, 8).mapToObj(i -> "child " + i), Stream.of("parent"))
                  .map(who -> who + " loaded 2000")
                  .toList());
    }
  }

  private static Path compile(Path directory) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "--release",
                "17",
                "-classpath",
                TestJvm.repairs(),
                "-d",
                directory.resolve("classes").toString()));
    for (String source : List.of("ManyJars.java", "Natives.java")) {
      Path file = directory.resolve(source);
      try (var stream = JarsTest.class.getResourceAsStream("jars/" + source)) {
        Files.write(file, stream.readAllBytes());
      }
      command.add(file.toString());
    }
    int status =
        ToolProvider.getSystemJavaCompiler().run(null, null, null, command.toArray(String[]::new));
    assertThat(status).isZero();
    return directory.resolve("classes");
  }
}
