package dev.tine.systemtests;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Waits;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No call returns early or fails because the process was forked twenty times meanwhile, in parent
 * or child.
 */
class InterruptedCallsTest {
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"java waits", "blocking io", "native waits"})
  void shouldNotReturnEarly(String waits) {
    try (TestJvm jvm = TestJvm.of(Waits.class).start()) {
      jvm.run(waits);
      jvm.succeed();
    }
  }
}
