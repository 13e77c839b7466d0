package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.run.Ladder.Step;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LadderTest {
  private static final Duration STOP = Duration.ofSeconds(7);

  @Test
  void shouldAskBeforeItKills() {
    assertThat(Ladder.of(false, STOP))
        .extracting(Ladder.Rung::step)
        .containsExactly(Step.EVIDENCE, Step.TERMINATE, Step.KILL);
    assertThat(Ladder.of(false, STOP).get(1).limit()).isEqualTo(STOP);
  }

  @Test
  void shouldAbortOnlyForACore() {
    assertThat(Ladder.of(true, STOP))
        .extracting(Ladder.Rung::step)
        .containsExactly(Step.EVIDENCE, Step.TERMINATE, Step.ABORT, Step.KILL);
  }
}
