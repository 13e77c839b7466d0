package dev.tine.systemtests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.ThreadStates;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each thread of a child is for the kernel and for glibc what it was in the parent. */
class ThreadStateTest {
  private static TestJvm parent;

  @BeforeAll
  static void start() {
    parent = TestJvm.of(ThreadStates.class).start();
  }

  @AfterAll
  static void end() {
    parent.finish();
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
    parent.run(aspect);
  }

  @Test
  void shouldKeepARealTimePolicy() {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root may set one");
    parent.run("realtime");
  }
}
