package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Randoms;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No two processes draw the same random number, and no thread runs before that is so. */
class RandomnessTest {
  /** In each round, twenty processes besides the parent. */
  @ParameterizedTest
  @Timeout(400) // a thousand children: minutes, where other work goes on beside
  @CsvSource({"G1, 50", "Serial, 4", "Parallel, 4", "Shenandoah, 4"})
  void shouldDrawNoNumberTwice(String collector, int rounds) {
    try (TestJvm parent = parent("-XX:+Use" + collector + "GC")) {
      parent.run("ten children");
      parent.run("later generators");
      for (int round = 0; round < rounds; round++) {
        parent.run("ten children");
        parent.run("ten workers");
      }
      parent.run("all distinct");
      parent.succeed();
    }
  }

  @Test
  void shouldNotShareSecretsOfTls() {
    runs("TLS");
  }

  @Test
  void shouldKeepTheSequenceOfASeedThatTheUserGave() {
    runs("seeds of the user");
  }

  @Test
  void shouldRenewBeforeAnyThreadDraws() {
    runs("busy threads");
  }

  @Test
  void shouldForkWhileThreadsAreInTheMiddleOfADraw() {
    runs("held generators");
  }

  /**
   * The interpreter stops between any two calls: also when a seed is read, and not yet replaced.
   */
  @Test
  void shouldRenewTheSeedOfAThreadThatIsInTheMiddleOfADraw() {
    try (TestJvm parent = parent("-Xint")) {
      parent.run("held thread generator");
      parent.succeed();
    }
  }

  @Test
  void shouldReportAGeneratorThatCannotBeRenewed() {
    try (TestJvm parent = parent()) {
      parent.run("a generator that fails");
      parent.awaitErrorLine(".*cannot renew .*Randoms.*: no seed is wanted.*");
      parent.endInput();
      assertThat(parent.exitCode()).isZero();
      parent.assertNothingLeft();
    }
  }

  private static void runs(String command) {
    try (TestJvm parent = parent()) {
      parent.run(command);
      parent.succeed();
    }
  }

  private static TestJvm parent(String... options) {
    return TestJvm.of(Randoms.class).options(options).start();
  }
}
