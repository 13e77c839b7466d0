package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BeatAnswerTest {
  @Test
  void shouldReadWhatAWorkerSays() {
    assertThat(BeatAnswer.of("gc=120"))
        .isEqualTo(
            new BeatAnswer(
                false,
                Optional.of(Duration.ofMillis(120)),
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty()));
    assertThat(BeatAnswer.of("gc=-1 requests=12 overdue=").requests()).hasValue(12);
    assertThat(BeatAnswer.of("memory").isOutOfMemory()).isTrue();
    assertThat(BeatAnswer.of("gc=0 deadlocked=2 waiting=3 threads=a 1, gc=7").deadlock())
        .hasValue(new BeatAnswer.Deadlock(2, 3, "a 1, gc=7"));
  }

  @Test
  void shouldNotTakeARequestForAnAnswerOfTheJvm() {
    BeatAnswer answer =
        BeatAnswer.of(
            "gc=7 requests=3 overdue=1500 limit=1000 thread=\"http 1\" request=\"gc=9 requests=4"
                + " deadlocked=2 waiting=3 threads=x\" at=\"a.B.c, d.E.f\"");
    assertThat(answer.collection()).hasValue(Duration.ofMillis(7));
    assertThat(answer.deadlock()).isEmpty();
    assertThat(answer.requests()).hasValue(3);
    assertThat(BeatAnswer.of("gc=1 deadlocked=2 waiting=3 threads=requests=5").requests())
        .isEmpty();
    assertThat(answer.overdue())
        .hasValue(
            new BeatAnswer.Overdue(
                Duration.ofMillis(1500),
                Duration.ofMillis(1000),
                "http 1",
                "gc=9 requests=4 deadlocked=2 waiting=3 threads=x",
                "a.B.c, d.E.f"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "overdue=1 limit=1 thread=\"",
        "gc=",
        "gc=-1",
        "deadlocked=x",
        "java.lang.InternalError: gc",
        "gc= deadlocked"
      })
  void shouldTakeAnythingElseForASignOfLife(String text) {
    assertThat(BeatAnswer.of(text))
        .isEqualTo(
            new BeatAnswer(
                false, Optional.empty(), Optional.empty(), OptionalLong.empty(), Optional.empty()));
  }
}
