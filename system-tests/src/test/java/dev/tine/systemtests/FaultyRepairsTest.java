package dev.tine.systemtests;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.FaultyRepairs;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A child that cannot repair itself in Java ends before its program runs; who forked it is told
 * why, and nothing of the child is left.
 */
class FaultyRepairsTest {
  private static TestJvm parent;

  @BeforeAll
  static void start() {
    parent = TestJvm.of(FaultyRepairs.class).withFaults().start();
    parent.run("forks"); // and warms up what opens descriptors at first use
  }

  @AfterAll
  static void end() {
    parent.finish();
  }

  @Test
  void shouldEndAChildThatCannotBeRepairedAndSayWhy() {
    parent.run("repair fails");
  }

  @Test
  void shouldSurviveAChildThatDiesWhileItIsRepaired() {
    parent.run("child dies");
  }

  @Test
  void shouldGiveUpAChildThatIsNotRepairedInTime() {
    parent.run("child stops");
  }

  @Test
  void shouldEndAWorkerThatCannotBeRepairedAndSayWhy() {
    parent.run("worker's repair fails");
  }

  @Test
  void shouldSurviveAWorkerThatDiesWhileItIsRepaired() {
    parent.run("worker dies");
  }

  @Test
  void shouldGiveUpAWorkerThatIsNotRepairedInTime() {
    parent.run("worker stops");
  }

  @Test
  void shouldNotWaitForAWorkerOnceItsMoldHasEnded() {
    parent.run("mold ends");
  }
}
