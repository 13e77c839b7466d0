package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvidenceTest {
  private static final int SELF = (int) ProcessHandle.current().pid();

  @TempDir Path directory;

  private static Evidence.Subject subject(int pid) {
    return new Evidence.Subject(
        3, pid, List.of("kind=silent"), ProcessSample.of(pid), EvidenceTest::quit);
  }

  /** As the monitor does it to a worker. */
  private static void quit() {
    try {
      new ProcessBuilder("kill", "-QUIT", Integer.toString(SELF)).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void shouldKeepWhatItSees() throws IOException {
    Path file = new Evidence(directory.resolve("new"), "shop").collect(subject(SELF));

    assertThat(file.getFileName().toString()).matches("stuck-shop-[0-9-]+-3-" + SELF + "\\.txt");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file))
        .contains("kind=silent", "VmRSS: ", "Descriptors: ", "VM Thread", "Full thread dump")
        .contains("EvidenceTest.shouldKeepWhatItSees")
        .doesNotContain(System.getenv("PATH"));
  }

  @Test
  void shouldKeepTheLastReportsOfItsProgramOnly() throws IOException {
    for (int i = 10; i < 40; i++) {
      Files.createFile(directory.resolve("stuck-shop-20260101-0000" + i + "-000-0-1.txt"));
    }
    Path other = Files.createFile(directory.resolve("stuck-shop-x-20260101-000000-000-0-1.txt"));

    Path file = new Evidence(directory, "shop").collect(subject(-1));

    assertThat(directory.toFile().list()).hasSize(21).contains(file.getFileName().toString());
    assertThat(other).exists();
    assertThat(directory.resolve("stuck-shop-20260101-000021-000-0-1.txt")).exists();
    assertThat(directory.resolve("stuck-shop-20260101-000020-000-0-1.txt")).doesNotExist();
  }

  @Test
  void shouldSayWhyThereIsNone() throws IOException {
    var evidence = new Evidence(directory.resolve("removed"), "shop");
    Files.delete(directory.resolve("removed"));
    assertThatThrownBy(() -> evidence.collect(subject(-1))).isInstanceOf(IOException.class);

    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> new Evidence(file, "shop"))
        .isInstanceOf(RunFailedException.class)
        .hasMessageContaining("cannot make the directory " + file);
  }
}
