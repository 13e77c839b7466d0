package dev.tine.fork.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tine.fork.ForkException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ParkSignalTest {
  @Test
  void shouldTakeANumberOfARealTimeSignal() {
    assertThat(ParkSignal.parse(" 40 ")).isEqualTo(40);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "34", "65", "-40", "9"})
  void shouldRefuseWhatIsNone(String property) {
    assertThatThrownBy(() -> ParkSignal.parse(property))
        .isInstanceOf(ForkException.class)
        .hasMessageContaining("from 35 to 64");
  }

  @Test
  void shouldSayThatNoSignalIsFree() {
    assertThatThrownBy(() -> ParkSignal.free(-16))
        .isInstanceOf(ForkException.class)
        .hasMessageContaining("every real-time signal from 35 to 64");
  }
}
