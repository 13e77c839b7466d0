package dev.tine.systemtests;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.WholeChild;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A forked JVM does what a JVM does, with each collector. One long-lived parent forks all the
 * children.
 */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"Serial", "Parallel", "G1", "Shenandoah"})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ForkTest {
  @Parameter String collector = "";

  @SuppressWarnings("NullAway.Init") // start() is run first
  private static TestJvm parent;

  @BeforeParameterizedClassInvocation
  static void start(String collector) {
    parent = TestJvm.of(WholeChild.class).options("-XX:+Use" + collector + "GC").start();
  }

  @AfterParameterizedClassInvocation
  static void end() {
    parent.finish();
  }

  @Test
  void shouldReturnTwice() {
    parent.run("return twice");
  }

  @Test
  void shouldAllocate() {
    parent.run("allocate");
  }

  @Test
  void shouldCollectGarbage() {
    parent.run("collect");
  }

  @Test
  void shouldCompile() {
    parent.run("compile");
  }

  @Test
  void shouldLoadClassesFromAJarWhileTheParentDoes() {
    parent.run("load classes");
  }

  @Test
  void shouldStartThreads() {
    parent.run("start threads");
  }

  @Test
  void shouldGoOnWithPlatformThreads() {
    parent.run("platform threads");
  }

  @Test
  void shouldGoOnWithVirtualThreads() {
    parent.run("virtual threads");
  }

  @Test
  void shouldGoOnWithTimers() {
    parent.run("timers");
  }

  @Test
  void shouldHaveMemoryOfItsOwn() {
    parent.run("own memory");
  }

  @Test
  void shouldRunShutdownHooksOnExit() {
    parent.run("exit");
  }

  @Test
  void shouldHaltWithoutHooks() {
    parent.run("halt");
  }

  @Test
  void shouldCallNativeCode() {
    parent.run("native calls");
  }

  @Test
  void shouldGoOnWithThreadsThatJavaDidNotMake() {
    parent.run("native threads");
  }

  @Test
  void shouldForkAgain() {
    parent.run("fork again");
  }

  @Test
  @Order(Integer.MAX_VALUE) // after all the others have warmed it up
  void shouldLeakNothingInTheParent() {
    parent.run("no leaks");
  }
}
