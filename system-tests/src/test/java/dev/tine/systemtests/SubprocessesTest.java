package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.systemtests.kit.PreforkJvm;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.PreforkSubprocesses;
import dev.tine.systemtests.programs.Subprocesses;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Subprocesses, their loop and forks. */
class SubprocessesTest {
  private static TestJvm parent;

  @BeforeAll
  static void start() {
    parent = TestJvm.of(Subprocesses.class).start();
  }

  @AfterAll
  static void end() {
    parent.finish();
  }

  @Test
  void shouldGoOnInAChildWithChildrenOfItsOwn() {
    parent.run("own children");
  }

  @Test
  void shouldNotTouchSubprocessesOfTheParent() {
    parent.run("parent's children");
  }

  @Test
  void shouldNotHoldTheInputOfASubprocessOfTheParent() {
    parent.run("end of input");
  }

  @Test
  void shouldEndTheWaitOfACopiedThread() {
    parent.run("waiting thread");
  }

  @Test
  void shouldGoOnInWorkersOfAMold() {
    parent.run("workers");
  }

  @Test
  void shouldNotHoldTheInputOfASubprocessInAMold() {
    parent.run("end of input beside a mold");
  }

  @Test
  void shouldNotHoldTheTerminalOfASubprocessInAMold() {
    parent.run("hangup beside a mold");
  }

  @Test
  void shouldGoOnInPreforkedWorkers() {
    try (TestJvm jvm = PreforkJvm.program(PreforkSubprocesses.class).start()) {
      assertThat(jvm.exitCode()).as("exit code%s", jvm.report()).isZero();
      jvm.assertNothingLeft();
      assertThat(String.join("", jvm.lines())).isEqualTo("xxx");
    }
  }
}
