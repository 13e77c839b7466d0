package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvidenceTest {
  @TempDir Path directory;

  /** A JVM to be looked at: not this one, which stands still while it prints, and reads nothing. */
  static final class Idle {
    private Idle() {}

    /** Lives until its standard input ends. */
    public static void main(String[] args) throws IOException {
      System.out.println("ready");
      int end = System.in.read();
      System.exit(end < 0 ? 0 : 1);
    }
  }

  private static Evidence.Subject subject(int pid) {
    return new Evidence.Subject(
        3, pid, List.of("kind=silent"), ProcessSample.of(pid), () -> quit(pid));
  }

  /** As the monitor does it to a worker. */
  private static void quit(int pid) {
    try {
      new ProcessBuilder("kill", "-QUIT", Integer.toString(pid)).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As a process that had the same pid and was killed. */
  private static void leaveSocket(Path path) throws IOException {
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
    }
  }

  @Test
  void shouldKeepWhatItSees() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-cp",
                Path.of("target", "test-classes").toAbsolutePath().toString(),
                Idle.class.getName())
            .directory(directory.toFile())
            .start();
    try {
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
      int pid = (int) process.pid();
      leaveSocket(Path.of("/tmp/.java_pid" + pid));

      Path file = new Evidence(directory.resolve("new"), "shop").collect(subject(pid));

      assertThat(file.getFileName().toString()).matches("stuck-shop-[0-9-]+-3-" + pid + "\\.txt");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      assertThat(Files.readString(file))
          .contains("kind=silent", "VmRSS: ", "Descriptors: ", "VM Thread", "Full thread dump")
          .contains("EvidenceTest$Idle.main")
          .doesNotContain(System.getenv("PATH"));
    } finally {
      process.destroy(); // in an orderly way: its socket goes with it
      process.onExit().join();
    }
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
