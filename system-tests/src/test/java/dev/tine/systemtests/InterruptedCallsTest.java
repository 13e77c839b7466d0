package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.JavaWaits;
import dev.tine.systemtests.programs.NativeWaits;
import dev.tine.systemtests.programs.Waits;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a thread that waits notices of 20 forks: nothing, or what docs/SIGNALS.md says. One program
 * has a thread in each kind of wait.
 */
class InterruptedCallsTest {
  @TestFactory
  Stream<DynamicTest> shouldDisturbNoWaitOfTheJavaApi() {
    return waitsOf(JavaWaits.class, 45, "all");
  }

  @TestFactory
  Stream<DynamicTest> shouldDisturbNoWatchService() {
    return waitsOf(JavaWaits.class, 2, "watches");
  }

  @TestFactory
  Stream<DynamicTest> shouldInterruptOnlyTheSystemCallsThatAreDocumented() {
    return waitsOf(NativeWaits.class, 40);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"java waits", "native waits"})
  void shouldNotReturnEarly(String waits) {
    try (TestJvm jvm = TestJvm.of(Waits.class).start()) {
      jvm.run(waits);
      jvm.succeed();
    }
  }

  private static Stream<DynamicTest> waitsOf(Class<?> program, int atLeast, String... arguments) {
    try (TestJvm jvm = TestJvm.of(program).arguments(arguments).start()) {
      jvm.succeed();
      Map<String, String> inParent = outcomes("parent ", jvm.lines());
      Map<String, String> inChild = outcomes("child ", jvm.lines());
      assertThat(inParent).hasSizeGreaterThanOrEqualTo(atLeast);
      assertThat(inChild.keySet()).isEqualTo(inParent.keySet());
      return inParent.keySet().stream()
          .map(name ->
              dynamicTest(
                  name,
                  () -> {
                    assertThat(inParent.get(name)).as("%s in the parent", name).isEqualTo("ok");
                    assertThat(inChild.get(name)).as("%s in a child", name).isEqualTo("ok");
                  }));
    }
  }

  private static Map<String, String> outcomes(String process, List<String> lines) {
    Map<String, String> outcomes = new TreeMap<>();
    for (String line : lines) {
      if (line.startsWith(process)) {
        String[] parts = line.substring(process.length()).split(": ", 2);
        outcomes.merge(parts[0], parts[1], (a, b) -> a + "; " + b);
      }
    }
    return outcomes;
  }
}
