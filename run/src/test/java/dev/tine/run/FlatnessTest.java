package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class FlatnessTest {
  @Test
  void shouldGoOnWhileItGetsFaster() {
    assertThat(windows(100, 200, 400, 800, 1600, 3200, 6400)).isZero();
  }

  @Test
  void shouldEndWhenFourWindowsBroughtNothingNew() {
    assertThat(windows(100, 1000, 1010, 990, 1040, 1000)).isEqualTo(6);
  }

  @Test
  void shouldNotEndBeforeTheCompilersHaveBegun() {
    assertThat(windows(100, 100, 100, 100, 100)).isZero();
  }

  @Test
  void shouldNotTakeALateGainForNoise() {
    assertThat(windows(100, 1000, 1000, 1000, 1000, 1060, 1060, 1060, 1060, 1060)).isEqualTo(10);
  }

  @Test
  void shouldGoOnWhileTheCompilersAreBusy() {
    var flatness = new Flatness();
    for (int i = 0; i < 20; i++) {
      assertThat(flatness.add(1000, 0.5)).isFalse();
    }
    assertThat(flatness.add(1000, 0.04)).isTrue();
  }

  /** After how many windows it was flat, with compilers that do nothing; 0: not at all. */
  private static int windows(double... rates) {
    var flatness = new Flatness();
    int count = 0;
    for (double rate : DoubleStream.of(rates).toArray()) {
      count++;
      if (flatness.add(rate, 0)) {
        return count;
      }
    }
    return 0;
  }
}
