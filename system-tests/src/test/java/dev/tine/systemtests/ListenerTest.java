package dev.tine.systemtests;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Listening;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who listens is told of every fork, in order, in the right process. */
class ListenerTest {
  private static TestJvm parent;

  @BeforeAll
  static void start() {
    parent = TestJvm.of(Listening.class).withFaults().start();
  }

  @AfterAll
  static void end() {
    parent.finish();
  }

  @Test
  void shouldTellParentAndChildInOrder() {
    parent.run("order");
  }

  @Test
  void shouldTellTheMonitorAndEachWorkerButNotTheMold() {
    parent.run("mold");
  }

  @Test
  void shouldForkNothingIfAListenerRefuses() {
    parent.run("refusal");
  }

  @Test
  void shouldTellTheParentOfAForkThatFailed() {
    parent.run("failed fork");
  }

  @Test
  void shouldRefuseAForkWithinAListener() {
    parent.run("fork within");
  }

  @Test
  void shouldGoOnIfAListenerFailsAfterTheFork() {
    parent.run("failure afterwards");
  }

  @Test
  void shouldHaveRepairedTheChildBefore() {
    parent.run("repairs first");
  }

  @Test
  void shouldLetAChildEndARegistrationForItself() {
    parent.run("end in a child");
  }
}
