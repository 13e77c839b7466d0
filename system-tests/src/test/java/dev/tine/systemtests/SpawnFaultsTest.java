package dev.tine.systemtests;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.SpawnFaults;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Starts of programs that the kernel lets fail. */
class SpawnFaultsTest {
  private static TestJvm parent;

  @BeforeAll
  static void start() {
    parent = TestJvm.of(SpawnFaults.class).withFaults().start();
  }

  @AfterAll
  static void end() {
    parent.finish();
  }

  @Test
  void shouldNameWhicheverPhaseFailsAndLeaveNothing() {
    parent.run("each phase");
  }

  @Test
  void shouldCloseDescriptorsOneByOneOnAnOldKernel() {
    parent.run("old kernel");
  }
}
