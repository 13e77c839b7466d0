package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StuckKindTest {
  @ParameterizedTest
  @CsvSource({
    "T, false, 0.0, 0.0, 0.0, STOPPED",
    "T, true, 1.0, 1.0, 0.0, STOPPED",
    "S, false, 0.0, 0.0, 0.0, SILENT",
    "D, false, 0.1, 0.0, 0.1, SILENT",
    "S, true, 0.0, 0.0, 0.0, GC_SPIRAL",
    "R, false, 4.0, 3.9, 0.1, GC_SPIRAL",
    "R, false, 0.1, 0.09, 0.0, GC_SPIRAL", // on a machine that has no more for it
    "S, false, 0.02, 0.02, 0.0, SILENT",
    "R, false, 2.0, 0.9, 0.1, SILENT",
    "R, false, 1.0, 0.0, 1.0, BUSY_LOOP",
    "R, false, 0.6, 0.0, 0.6, BUSY_LOOP",
    "R, false, 0.4, 0.0, 0.4, SILENT",
  })
  void shouldTellOneFromAnother(
      char state,
      boolean isOutOfMemory,
      double all,
      double collector,
      double busiest,
      StuckKind kind) {
    var shares =
        new ProcessSample.Shares(
            all, collector, Optional.of(new ProcessSample.Busiest("main", busiest)));
    assertThat(StuckKind.of(new StuckKind.Symptoms(state, isOutOfMemory, shares))).isEqualTo(kind);
  }

  @Test
  void shouldBeAWordInEvents() {
    assertThat(StuckKind.GC_SPIRAL).hasToString("gc-spiral");
  }
}
