package dev.tine.prefork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PreforkTest {
  @Test
  void shouldCountAtLeastOneProcessor() {
    assertThat(Prefork.cpuCount()).isPositive();
  }

  @Test
  void shouldHaveNoTaskIdOutsideAWorker() {
    assertThat(Prefork.taskId()).isEmpty();
  }

  @Test
  void shouldRefuseANegativeNumberOfRestarts() {
    assertThatThrownBy(() -> Prefork.forkProcesses(2, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxRestarts must not be negative: -1");
  }

  @Test
  void shouldSayThatRestartsWereTooMany() {
    assertThat(new TooManyRestartsException())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Too many child restarts, giving up");
  }
}
