package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.run.Drain.Step;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DrainTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** open: now; left: of those that were open when it began. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, END",
    "0, 0, 29, END",
    "3, 2, 0, WAIT",
    "3, 2, 5, WAIT",
    // Each request of the beginning was answered, and others have come: for a sixth of the time
    // there may still be a moment without any.
    "3, 0, 1, WAIT",
    "3, 0, 5, WAIT",
    "3, 0, 6, END",
    "3, 2, 15, WAIT",
    "3, 2, 16, OVERDUE",
    "3, 0, 16, END",
    "3, 2, 100, OVERDUE"
  })
  void shouldWaitForRequestsForAPartOfItsTime(int open, int left, int seconds, Step step) {
    var count = new OpenRequests.Count(open, left);
    assertThat(Drain.step(count, Duration.ofSeconds(seconds), TIMEOUT)).isEqualTo(step);
  }

  /** On a clock that is moved on by hand, as the loop looks again and again. */
  @Test
  void shouldEndOnceWhateverHappens() {
    for (int open = 0; open < 4; open++) {
      for (int left = 0; left <= open; left++) {
        Duration now = Duration.ZERO;
        var count = new OpenRequests.Count(open, left);
        while (Drain.step(count, now, TIMEOUT) == Step.WAIT) {
          now = now.plusMillis(50);
        }
        assertThat(now).as("%d open, %d left", open, left).isLessThan(TIMEOUT);
        for (int i = 0; i < 100; i++) {
          now = now.plusSeconds(1);
          assertThat(Drain.step(count, now, TIMEOUT)).isNotEqualTo(Step.WAIT);
        }
      }
    }
  }
}
