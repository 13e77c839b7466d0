package dev.tine.systemtests;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Faulty;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A fork that fails, at whatever stage, leaves no child, descriptor or thread, and the next one
 * works.
 */
class FaultTest {
  private static TestJvm parent;

  @BeforeAll
  static void start() {
    parent = TestJvm.of(Faulty.class).withFaults().start();
    parent.run("mold works"); // and warms up what opens descriptors at first use
  }

  @AfterAll
  static void end() {
    parent.finish();
  }

  @Test
  void shouldSurviveAForkThatFails() {
    parent.run("fork fails");
  }

  @Test
  void shouldSurviveAChildThatDiesBeforeItIsWhole() {
    parent.run("child dies");
  }

  @Test
  void shouldGiveUpAChildThatDoesNotBecomeWhole() {
    parent.run("child stops");
  }

  @Test
  void shouldGiveUpAWorkerThatDoesNotBecomeWhole() {
    parent.run("worker stops");
  }

  @Test
  void shouldSurviveAMoldThatFails() {
    parent.run("freeze fails");
  }

  @Test
  void shouldSurviveAMoldThatDiesBeforeItIsWhole() {
    parent.run("mold dies");
  }

  @Test
  void shouldSurviveAWorkerThatFails() {
    parent.run("worker fails");
  }

  @Test
  void shouldSurviveAWorkerThatDiesBeforeItIsWhole() {
    parent.run("worker dies");
  }

  @Test
  void shouldParkAgainIfThreadsWereStartedMeanwhile() {
    parent.run("park is tried again");
  }
}
