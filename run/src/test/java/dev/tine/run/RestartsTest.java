package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.run.Restarts.Decision;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RestartsTest {
  private static final Duration EARLY = Duration.ofMillis(20);
  private static final Duration LATE = Duration.ofSeconds(1);

  private final Restarts restarts = new Restarts(Optional.empty());

  @Test
  void shouldRestartAtOnceWhatHasServed() {
    for (int i = 0; i < 1000; i++) {
      assertThat(restarts.onExit(0, LATE)).isEqualTo(new Decision.Restart(Duration.ZERO));
    }
  }

  @Test
  void shouldDoubleTheDelayOfWhatDiesEarlyUpToALimit() {
    long[] millis = {100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000};
    for (long delay : millis) {
      assertThat(restarts.onExit(0, EARLY))
          .isEqualTo(new Decision.Restart(Duration.ofMillis(delay)));
    }
  }

  @Test
  void shouldBeginAnewAfterOneThatHasServed() {
    restarts.onExit(0, EARLY);
    restarts.onExit(0, EARLY);
    restarts.onExit(0, LATE);
    assertThat(restarts.onExit(0, EARLY)).isEqualTo(new Decision.Restart(Duration.ofMillis(100)));
  }

  @Test
  void shouldDelayEachIdByItsOwn() {
    restarts.onExit(0, EARLY);
    assertThat(restarts.onExit(1, EARLY)).isEqualTo(new Decision.Restart(Duration.ofMillis(100)));
  }

  @Test
  void shouldGiveUpAfterTheLimitOfAllTogether() {
    var limited = new Restarts(Optional.of(2));
    assertThat(limited.onExit(0, LATE)).isInstanceOf(Decision.Restart.class);
    assertThat(limited.onExit(1, EARLY)).isInstanceOf(Decision.Restart.class);
    assertThat(limited.onExit(2, LATE)).isEqualTo(new Decision.GiveUp(2));
  }
}
