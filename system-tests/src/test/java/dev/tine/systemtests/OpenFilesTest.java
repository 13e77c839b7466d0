package dev.tine.systemtests;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.OpenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A child reads and writes the files of its parent at positions of its own. */
class OpenFilesTest {
  private static TestJvm parent;

  @BeforeAll
  static void start() {
    parent = TestJvm.of(OpenFiles.class).start();
  }

  @AfterAll
  static void end() {
    parent.finish();
  }

  @Test
  void shouldHavePositionsOfItsOwn() {
    parent.run("own positions");
  }

  @Test
  void shouldOpenFilesWithoutANameAgain() {
    parent.run("without a name");
  }

  @Test
  void shouldWriteAsTheParentDoes() {
    parent.run("writable");
  }

  @Test
  void shouldListDirectoriesToTheirEnd() {
    parent.run("directories");
  }

  @Test
  void shouldShareDevicesAndPipesWithNames() {
    parent.run("shared ones");
  }

  @Test
  void shouldLoadClassesAtTheSameTimeAsItsSiblings() {
    parent.run("many class loaders");
  }

  /** Opened by root, for a program of another user. */
  @Test
  void shouldShareAFileThatMayNotBeOpenedAgain(@TempDir Path directory) throws IOException {
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    Path secret = directory.resolve("secret");
    Files.writeString(secret, "secret");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String start =
        "exec 9<%s && exec setpriv --reuid=61234 --regid=61234 --clear-groups %s \"$@\""
            .formatted(secret, java);
    try (TestJvm jvm =
        TestJvm.of(OpenFiles.class).launcher("sh", "-c", start, "sh").readableByOthers().start()) {
      jvm.run("not to be opened again");
      jvm.succeed();
    }
  }
}
