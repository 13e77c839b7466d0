package dev.tine.systemtests;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.ThreadAttributes;
import dev.tine.systemtests.programs.ThreadStates;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A thread of a child is what the same thread of the parent was, as far as the kernel goes. */
class ThreadStateTest {
  private static final int CAP_SYS_NICE = 23;

  private static TestJvm parent;
  private static TestJvm other;

  @BeforeAll
  static void start() {
    parent = TestJvm.of(ThreadAttributes.class).start();
    other = TestJvm.of(ThreadStates.class).start();
  }

  @AfterAll
  static void end() {
    try {
      parent.finish();
    } finally {
      other.finish();
    }
  }

  @Test
  void shouldKnowItsNewTid() {
    parent.run("tid");
  }

  @Test
  void shouldBeJoinable() {
    parent.run("join");
  }

  @Test
  void shouldKeepItsRobustList() {
    parent.run("robust list");
  }

  @Test
  void shouldKeepTheRobustListOfTheLeader() {
    parent.run("robust list of the leader");
  }

  @Test
  void shouldKnowWhichProcessorItRunsOn() {
    parent.run("rseq");
  }

  @Test
  void shouldKnowWhichProcessorTheLeaderRunsOn() {
    parent.run("rseq of the leader");
  }

  @Test
  void shouldKeepItsAlternateSignalStack() {
    parent.run("alternate stack");
  }

  @Test
  void shouldKeepItsName() {
    parent.run("names");
  }

  @Test
  void shouldKeepItsNiceValue() {
    parent.run("nice");
  }

  @Test
  void shouldKeepItsAffinity() {
    parent.run("affinity");
  }

  @Test
  void shouldKeepItsSchedulingPolicy() {
    parent.run("batch");
  }

  @Test
  void shouldKeepItsRealTimePriority() {
    assumeThat(mayRaisePriorities()).as("may set real-time priorities").isTrue();
    parent.run("real-time");
  }

  @Test
  void shouldKeepItsTimerSlack() {
    parent.run("timer slack");
  }

  @Test
  void shouldKeepItsIoPriority() {
    parent.run("I/O priority");
  }

  @Test
  void shouldNotGetWhatOnlyTheLeaderHas() {
    parent.run("leader apart");
  }

  @Test
  void shouldKeepItsSignalMask() {
    parent.run("signal mask");
  }

  @Test
  void shouldKeepItsFloatingPointEnvironment() {
    parent.run("floating point environment");
  }

  @Test
  void shouldKeepItsVectorAndFloatingPointRegisters() {
    parent.run("registers");
  }

  @Test
  void shouldNotMissTheSignalThatWakesItWhenItsChannelIsClosed() {
    parent.run("wake-up signal");
  }

  @Test
  void shouldKeepASignalThatIsPendingWhileItIsInASystemCall() {
    parent.run("pending signal");
  }

  @Test
  void shouldExistWhenJavaKnowsNothingOfIt() {
    parent.run("native thread");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "tid",
        "tid address",
        "join",
        "robust list",
        "robust mutex",
        "rseq",
        "alternate stack",
        "names",
        "nice",
        "affinity",
        "batch",
        "timer slack",
        "io priority",
        "signal mask"
      })
  void shouldKeep(String aspect) {
    other.run(aspect);
  }

  @Test
  void shouldKeepARealTimePolicy() {
    assumeThat(mayRaisePriorities()).as("may set real-time priorities").isTrue();
    other.run("realtime");
  }

  private static boolean mayRaisePriorities() {
    long capabilities = Long.parseUnsignedLong(Proc.status(parent.pid(), "CapEff"), 16);
    return (capabilities >> CAP_SYS_NICE & 1) != 0;
  }
}
