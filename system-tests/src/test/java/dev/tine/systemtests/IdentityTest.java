package dev.tine.systemtests;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.OwnIdentity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A child tells its own name when it is asked for it, with each collector, and so does its child.
 */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"Serial", "Parallel", "G1", "Shenandoah"})
class IdentityTest {
  @Parameter String collector = "";

  @SuppressWarnings("NullAway.Init") // start() is run first
  private static TestJvm parent;

  @BeforeParameterizedClassInvocation
  static void start(String collector) {
    parent = TestJvm.of(OwnIdentity.class).options("-XX:+Use" + collector + "GC").start();
  }

  @AfterParameterizedClassInvocation
  static void end() {
    parent.finish();
  }

  @Test
  void shouldTellItsOwnPid() {
    parent.run("pid");
  }

  @Test
  void shouldTellItsOwnPidInCompiledCode() {
    parent.run("compiled pid");
  }

  @Test
  void shouldKnowItsRelatives() {
    parent.run("relatives");
  }

  @Test
  void shouldNameItsThreadsByTheirIds() {
    parent.run("thread ids");
  }

  @Test
  void shouldMeasureItsOwnThreads() {
    parent.run("processor time");
  }

  @Test
  void shouldNotWaitForAProcessOfItsParent() {
    parent.run("foreign process");
  }

  @Test
  void shouldWakeThoseWhoWaitForAProcessOfItsParent() {
    parent.run("waiting threads");
  }

  @Test
  void shouldRememberWhatHasEnded() {
    parent.run("ended process");
  }

  @Test
  void shouldHaveProcessesOfItsOwn() {
    parent.run("own process");
  }

  @Test
  void shouldDeleteAtItsExitOnlyWhatItMarkedItself() {
    parent.run("files to delete");
  }
}
