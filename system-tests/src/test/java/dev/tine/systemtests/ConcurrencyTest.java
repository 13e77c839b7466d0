package dev.tine.systemtests;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Busy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Forks work whatever other threads are doing, and what they are doing works on in parent and
 * child.
 */
class ConcurrencyTest {
  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({
    "starting processes, G1",
    "loading libraries, G1",
    "loading classes, Serial",
    "starting threads, G1",
    "starting threads, Shenandoah",
    "collecting, Serial",
    "collecting, Parallel",
    "collecting, G1",
    "collecting, Shenandoah",
    "compiling, G1",
    "compiling, Parallel",
    "virtual threads, G1",
    "virtual threads, Shenandoah",
    "selecting, G1",
    "auditing, G1",
    "several forks at once, G1"
  })
  void shouldForkDuring(String work, String collector) {
    try (TestJvm jvm = TestJvm.of(Busy.class).options("-XX:+Use" + collector + "GC").start()) {
      jvm.run(work);
      jvm.succeed();
    }
  }
}
