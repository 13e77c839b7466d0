package dev.tine.frameworktests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.frameworktests.kit.Postgres;
import dev.tine.frameworktests.programs.Pooled;
import dev.tine.systemtests.kit.TestJvm;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pool of database connections goes on in the parent, and begins anew in each child. */
class HikariTest {
  private static Postgres postgres;

  @BeforeAll
  static void start() {
    postgres = new Postgres();
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"G1", "Parallel"})
  void shouldRecoverInChildrenAndGoOnInTheParent(String collector) {
    try (TestJvm jvm =
        TestJvm.of(Pooled.class)
            .options("-XX:+Use" + collector + "GC")
            .arguments(postgres.url())
            .start()) {
      jvm.run("fork under load");
      jvm.run("use the idle pool in a child");
      jvm.run("close the idle pool in a child");
      jvm.succeed();
    }
    assertThat(postgres.complaints()).as("complaints of the server").isEmpty();
  }
}
