package dev.tine.process.testing;

import static dev.tine.process.Stdio.STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tine.process.Command;
import dev.tine.process.ExitStatus;
import dev.tine.process.OutputEnd;
import dev.tine.process.Result;
import dev.tine.process.Signal;
import dev.tine.process.SpawnException;
import dev.tine.process.Stdio;
import dev.tine.process.Subprocess;
import dev.tine.sys.FileCall;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The test kit, tested. */
final class TestingTest {
  @Test
  void shouldFakeAProgram(@TempDir Path directory) throws Exception {
    FakeProgram fake =
        FakeProgram.of()
            .print("it's\n")
            .printError("oh")
            .printArguments()
            .echoLine()
            .echo()
            .flood(3)
            .exit(4);

    Result result = fake.command("a b", "c").stdin(Stdio.text("first\nrest\n")).unchecked().run();

    assertThat(result.text()).isEqualTo("it's\na b\nc\nfirst\nrest\n\0\0\0");
    assertThat(result.stderr().text()).isEqualTo("oh");
    assertThat(result.status().returnCode()).isEqualTo(4);
    FakeProgram.of().print("fake").install(directory, "git");
    assertThat(Command.of("git").environment("PATH", directory.toString()).run().text())
        .isEqualTo("fake");
  }

  @Test
  void shouldFakeTheEnds() throws Exception {
    Result died = FakeProgram.of().die(Signal.SEGV).command().unchecked().run();
    Result holds =
        FakeProgram.of()
            .leaveBehind(Duration.ofSeconds(1000))
            .command()
            .output(OutputEnd.untilExit(Duration.ofMillis(20)))
            .run();

    assertThat(died.status()).isInstanceOf(ExitStatus.Signaled.class);
    assertThat(holds.heldBy()).hasSize(1);
    ProcessHandle.of(holds.heldBy().getFirst()).orElseThrow().destroyForcibly();
  }

  @Test
  void shouldFindWhatIsLeftOver() throws Exception {
    Command.of("true").run();
    try (LeakCheck leaks = LeakCheck.begin()) {
      Command.of("true").run();
      assertThat(leaks).isNotNull();
    }

    Subprocess child = Command.of("sleep", "1000").stdin(STREAM).start();
    child.close();
    LeakCheck check = LeakCheck.begin(Duration.ofMillis(20));
    FileCall.Pipe pipe = FileCall.pipe();
    Subprocess left = Command.of("sleep", "1000").start();

    assertThatThrownBy(check::close)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("descriptor " + pipe.readFd() + " pipe:")
        .hasMessageContaining("child " + left.pid() + " (sleep)");
    FileCall.close(pipe.readFd());
    FileCall.close(pipe.writeFd());
    left.close();
    check.close();
  }

  @Test
  void shouldSurviveInterruptions() throws Exception {
    try (Faults faults = Faults.interruptions()) {
      assertThat(faults).isNotNull();
      assertEcho();
    }
  }

  @Test
  void shouldSurviveShortTransfers() throws Exception {
    try (Faults faults = Faults.shortTransfers(7)) {
      assertThat(faults).isNotNull();
      assertEcho();
    }
  }

  @Test
  void shouldFailClearlyWithoutDescriptors() {
    try (Faults faults = Faults.noDescriptors()) {
      assertThat(faults).isNotNull();
      assertThatThrownBy(() -> Command.of("true").stdout(STREAM).start())
          .isInstanceOf(SpawnException.class)
          .hasMessageContaining("Too many open files")
          .hasMessageContaining("ulimit -n");
    }
  }

  private static void assertEcho() throws Exception {
    byte[] data = "0123456789\n".repeat(5_000).getBytes(UTF_8);

    assertThat(Command.of("cat").stdin(Stdio.bytes(data)).run().stdout().bytes()).isEqualTo(data);
  }
}
