package dev.tine.systemtests;

import dev.tine.systemtests.kit.TestJvm;
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
}
