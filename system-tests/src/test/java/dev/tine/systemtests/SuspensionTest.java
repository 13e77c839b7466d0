package dev.tine.systemtests;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Standstill;
import org.junit.jupiter.api.Test;

/** Threads are suspended while a child repairs itself, and go on afterwards in all processes. */
class SuspensionTest {
  @Test
  void shouldLetAllThreadsGoOn() {
    runs("all threads go on");
  }

  @Test
  void shouldLetAllThreadsGoOnAfterAForkThatFailed() {
    try (TestJvm parent = TestJvm.of(Standstill.class).withFaults().start()) {
      parent.run("all threads go on after failures");
      parent.succeed();
    }
  }

  @Test
  void shouldLeaveAThreadSuspendedThatWasSoBefore() {
    runs("suspended by the program");
  }

  @Test
  void shouldForkFromAVirtualThread() {
    runs("fork from a virtual thread");
  }

  @Test
  void shouldNameAThreadThatDoesNotLeaveAGenerator() {
    runs("a lock that is held");
  }

  @Test
  void shouldForkWhileThreadsComeAndGo() {
    runs("threads that come and go");
  }

  private static void runs(String command) {
    try (TestJvm parent = TestJvm.of(Standstill.class).start()) {
      parent.run(command);
      parent.succeed();
    }
  }
}
