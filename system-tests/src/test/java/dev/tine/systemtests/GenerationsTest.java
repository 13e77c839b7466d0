package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Generations;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A child forks as well as its parent does. */
class GenerationsTest {
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"Serial", "G1"})
  void shouldForkFiftyGenerationsDeep(String collector) {
    try (TestJvm jvm =
        TestJvm.of(Generations.class)
            .options("-XX:+Use" + collector + "GC")
            .heapMegabytes(64)
            .start()) {
      jvm.run("fifty generations");
      assertThat(jvm.lines()).contains("the last generation");
      jvm.succeed();
    }
  }
}
