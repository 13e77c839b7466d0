package dev.tine.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a program is found: the search of the JDK's Basic.java. */
final class SearchTest {
  private static final String NAME = "tine-test-program";

  @TempDir Path root;
  private Path first = Path.of("");
  private Path second = Path.of("");

  @BeforeEach
  void makeDirectories() throws IOException {
    first = Files.createDirectory(root.resolve("first"));
    second = Files.createDirectory(root.resolve("second"));
  }

  @Test
  void shouldSearchTheUsualPlacesWithoutAPath() throws Exception {
    assertThat(Command.of("echo", "found").emptyEnvironment().run().text()).isEqualTo("found\n");
  }

  @Test
  void shouldTakeTheFirst() throws Exception {
    script(first, "#!/bin/sh\necho first", "rwxr-xr-x");
    script(second, "#!/bin/sh\necho second", "rwxr-xr-x");

    assertThat(search().run().text()).isEqualTo("first\n");
    Subprocess again = search().stdout(Stdio.DISCARD).start();
    assertThat(again.waitFor().isSuccess()).isTrue();
    assertThat(again.path()).isEqualTo(first.resolve(NAME).toString());
  }

  @Test
  void shouldGoOnAfterWhatMayNotBeRun() throws Exception {
    script(first, "#!/bin/sh\necho first", "rw-r--r--");
    script(second, "#!/bin/sh\necho second", "rwxr-xr-x");

    assertThat(search().run().text()).isEqualTo("second\n");
  }

  @Test
  void shouldNameWhatMayNotBeRunIfThereIsNothingElse() throws Exception {
    script(first, "#!/bin/sh\necho first", "rw-r--r--");

    assertThatThrownBy(() -> search().run())
        .isInstanceOf(SpawnException.class)
        .hasMessageContaining(first.resolve(NAME).toString())
        .hasMessageContaining("Permission denied");
  }

  @Test
  void shouldNotRunADirectory() throws Exception {
    Files.createDirectory(first.resolve(NAME));

    assertThatThrownBy(() -> search().run()).hasMessageContaining("Permission denied");
    assertThatThrownBy(() -> Command.of(first.toString()).run())
        .hasMessageContaining("Permission denied");
  }

  @Test
  void shouldTakeAnEmptyPartForTheDirectoryItWillWorkIn() throws Exception {
    script(first, "#!/bin/sh\necho here", "rwxr-xr-x");

    assertThat(Command.of(NAME).environment("PATH", second + "::").directory(first).run().text())
        .isEqualTo("here\n");
  }

  @Test
  void shouldGiveAScriptWithoutInterpreterToTheShell() throws Exception {
    script(first, "echo \"$1\"", "rwxr-xr-x");

    assertThat(Command.of(first.resolve(NAME).toString(), "a b").run().text()).isEqualTo("a b\n");
    assertThat(Command.of(NAME, "c").environment("PATH", first + ":/bin").run().text())
        .isEqualTo("c\n");
  }

  private Command search() {
    return Command.of(NAME).environment("PATH", first + ":" + second + ":/usr/bin:/bin");
  }

  private static void script(Path directory, String text, String permissions) throws IOException {
    Path file = directory.resolve(NAME);
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }
}
