package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BeatAnswerTest {
  @Test
  void shouldReadWhatAWorkerSays() {
    assertThat(BeatAnswer.of("gc=120"))
        .isEqualTo(new BeatAnswer(false, Optional.of(Duration.ofMillis(120)), Optional.empty()));
    assertThat(BeatAnswer.of("memory").isOutOfMemory()).isTrue();
    assertThat(BeatAnswer.of("gc=0 deadlocked=2 waiting=3 threads=a 1, gc=7").deadlock())
        .hasValue(new BeatAnswer.Deadlock(2, 3, "a 1, gc=7"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "gc=",
        "gc=-1",
        "deadlocked=x",
        "java.lang.InternalError: gc",
        "gc= deadlocked"
      })
  void shouldTakeAnythingElseForASignOfLife(String text) {
    assertThat(BeatAnswer.of(text))
        .isEqualTo(new BeatAnswer(false, Optional.empty(), Optional.empty()));
  }
}
