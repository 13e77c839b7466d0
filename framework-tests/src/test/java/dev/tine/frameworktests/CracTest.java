package dev.tine.frameworktests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.frameworktests.programs.Beans;
import dev.tine.frameworktests.programs.Branches;
import dev.tine.systemtests.kit.TestJvm;
import org.junit.jupiter.api.Test;

/** Resources of org.crac are told of forks if the program wants it, and web servers are not. */
class CracTest {
  private static final String COMPAT = "-Dorg.crac.Core.Compat=dev.tine.fork.crac";

  @Test
  void shouldTellResourcesButNotSpringsLifecycles() {
    try (TestJvm jvm = TestJvm.of(Beans.class).options(COMPAT).start()) {
      jvm.run("beans are not restarted");
      jvm.run("a resource refuses");
      jvm.run("a checkpoint is asked for");
      jvm.succeed();
    }
  }

  @Test
  void shouldTellSpringsLifecyclesIfToldSo() {
    try (TestJvm jvm =
        TestJvm.of(Beans.class).options(COMPAT, "-Ddev.tine.fork.crac.skip=").start()) {
      jvm.run("beans are restarted");
      jvm.succeed();
    }
  }

  @Test
  void shouldTellResourcesOfTheFreezeInEachWorker() {
    try (TestJvm jvm = TestJvm.of(Branches.class).options(COMPAT).start()) {
      jvm.awaitLine("worker 0 checkpoints 1 restores 1 starts 0 stops 0");
      jvm.awaitLine("worker 1 checkpoints 1 restores 1 starts 0 stops 0");
      assertThat(jvm.exitCode()).as(jvm.report()).isZero();
      jvm.assertNothingLeft();
    }
  }

  @Test
  void shouldTellNobodyIfNotAsked() {
    try (TestJvm jvm = TestJvm.of(Beans.class).start()) {
      jvm.run("nothing is told");
      jvm.succeed();
    }
  }
}
