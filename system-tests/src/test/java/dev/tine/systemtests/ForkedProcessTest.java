package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Children;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a parent learns of its children, and does to them. */
class ForkedProcessTest {
  private static TestJvm parent;

  @BeforeAll
  static void start() {
    parent = TestJvm.of(Children.class).start();
  }

  @AfterAll
  static void end() {
    parent.finish();
  }

  @Test
  void shouldTellExitCodes() {
    parent.run("exit codes");
  }

  @Test
  void shouldSendSignalsAndTellThemApartFromExits() {
    parent.run("signals");
  }

  @Test
  void shouldTellCoreDumps() {
    parent.run("core dump");
  }

  @Test
  void shouldWaitForATime() {
    parent.run("wait for a time");
  }

  @Test
  void shouldEndTheWaitButNotTheChildOnInterrupt() {
    parent.run("interrupted wait");
  }

  @Test
  void shouldCompleteOnExit() {
    parent.run("on exit");
  }

  @Test
  void shouldSendNoSignalToAProcessThatHasEnded() {
    parent.run("alive");
  }

  @Test
  void shouldNotTakeTheParentsChildrenForItsOwnInAChild() {
    parent.run("copies in a child");
  }

  @Test
  void shouldLeaveChildrenOfOthersAlone() {
    parent.run("children of others");
  }

  @Test
  void shouldSayThatAStatusWasTakenBySomeoneElse() {
    parent.run("status taken");
  }

  @Test
  void shouldReapManyAtOnce() {
    parent.run("many at once");
  }

  @Test
  void shouldOutliveItsParent() {
    try (TestJvm jvm = TestJvm.of(Children.class).start()) {
      jvm.send("outlive");
      assertThat(jvm.exitCode()).isZero();
      jvm.awaitLine("outlived " + jvm.pid());
      jvm.succeed();
    }
  }
}
