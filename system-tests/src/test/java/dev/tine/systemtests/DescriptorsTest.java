package dev.tine.systemtests;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Descriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A child has pollers, timers, pipes and pairs of its own, in the state of its parent's. */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"Serial", "G1"})
class DescriptorsTest {
  @Parameter String collector = "";

  @SuppressWarnings("NullAway.Init") // start() is run first
  private static TestJvm parent;

  @BeforeParameterizedClassInvocation
  static void start(String collector) {
    parent = TestJvm.of(Descriptors.class).options("-XX:+Use" + collector + "GC").start();
  }

  @AfterParameterizedClassInvocation
  static void end() {
    parent.finish();
  }

  @Test
  void shouldHaveEpollSetsOfItsOwn() {
    parent.run("own sets");
  }

  @Test
  void shouldHaveNestedEpollSets() {
    parent.run("nested sets");
  }

  @Test
  void shouldKnowMembersThatWereRenumberedBehindTheSet() {
    parent.run("renumbered members");
  }

  @Test
  void shouldArmNoMemberThatWasSpent() {
    parent.run("spent members");
  }

  @Test
  void shouldHaveEventfds() {
    parent.run("eventfds");
  }

  @Test
  void shouldHaveTimers() {
    parent.run("timers");
  }

  @Test
  void shouldHaveTimersThatExpiredUnread() {
    parent.run("unread timers");
  }

  @Test
  void shouldHaveAbsoluteTimers() {
    parent.run("absolute timers");
  }

  @Test
  void shouldHaveSignalfds() {
    parent.run("signalfds");
  }

  @Test
  void shouldHaveOneDescriptionBehindDuplicates() {
    parent.run("duplicates");
  }

  @Test
  void shouldNotTakeAnothersMarkForItsOwn() {
    parent.run("duplicates that others look at");
  }

  @Test
  void shouldHavePipesWithTheirContent() {
    parent.run("pipes");
  }

  @Test
  void shouldHaveSocketPairsWithTheirMessages() {
    parent.run("pairs");
  }

  @Test
  void shouldHaveHundredsOfThem() {
    parent.run("many descriptors");
  }
}
