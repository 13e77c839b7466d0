package dev.tine.frameworktests;

import dev.tine.frameworktests.programs.Beans;
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
  void shouldTellNobodyIfNotAsked() {
    try (TestJvm jvm = TestJvm.of(Beans.class).start()) {
      jvm.run("nothing is told");
      jvm.succeed();
    }
  }
}
