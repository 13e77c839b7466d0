package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Checked;
import dev.tine.testkit.ForkCheck;
import dev.tine.testkit.Report;
import dev.tine.testkit.Shared;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The test kit finds each planted fault, and none in code that is safe. */
class ForkSafetyTest {
  private static TestJvm jvm;

  @BeforeAll
  static void start() {
    jvm = TestJvm.of(Checked.class).start();
  }

  @AfterAll
  static void end() {
    jvm.finish();
  }

  @Test
  void shouldPassCodeThatIsSafe() {
    jvm.run("safe code");
  }

  @Test
  void shouldPassWithinAJUnitTest() {
    String jvmOfTheOthers = " of " + jvm.pid(); // its pipes, and so the threads that read them

    Report report =
        ForkCheck.standard()
            .ignoring(item ->
                item instanceof Shared.EndedThread(String thread, String _)
                    && thread.endsWith(jvmOfTheOthers))
            .inspect(records -> records.unique("uuid", UUID.randomUUID()));

    assertThat(report.isSafe()).as(report.toString()).isTrue();
  }

  @Test
  void shouldFindAConnectionThatIsKept() {
    jvm.run("kept connection");
  }

  @Test
  void shouldFindAThreadThatEndsInTheChild() {
    jvm.run("thread on a connection");
  }

  @Test
  void shouldFindADescriptionThatIsShared() {
    jvm.run("named pipe");
  }

  @Test
  void shouldFindAFileThatAllWrite() {
    jvm.run("written file");
  }

  @Test
  void shouldFindMemoryThatAllWrite() {
    jvm.run("mapped file");
  }

  @Test
  void shouldFindALockThatIsLost() {
    jvm.run("lock");
  }

  @Test
  void shouldFindAValueThatIsDrawnTwice() {
    jvm.run("same value");
  }

  @Test
  void shouldFindCodeThatHangsInTheChild() {
    jvm.run("hangs in the child");
  }

  @Test
  void shouldFindCodeThatEndsTheChild() {
    jvm.run("ends the child");
  }

  @Test
  void shouldRefuseCodeThatFailsBeforeTheFork() {
    jvm.run("fails before");
  }

  @Test
  void shouldLeaveOutWhatIsIgnored() {
    jvm.run("ignored");
  }

  @Test
  void shouldLeaveNothingBehind() {
    jvm.run("no leaks");
  }
}
