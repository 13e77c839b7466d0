package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.run.Pulse.Verdict;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker's pulse, with times and samples that are made up. */
class PulseTest {
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration LOOK = INTERVAL.multipliedBy(6);
  private static final int TICKS = 12;
  private static final Verdict FINE = new Verdict.Fine();
  private static final ProcessSample.Shares IDLE = shares(0.01, 0, 0);
  private static final ProcessSample.Shares COLLECTING = shares(2.0, 1.9, 0.1);
  private static final ProcessSample.Shares COMPUTING = shares(1.0, 0, 0.99);
  private static final BeatAnswer NO_MEMORY = BeatAnswer.of("memory");

  private Pulse pulse = pulse(OnStuck.REPORT);

  private static Pulse pulse(OnStuck action) {
    return new Pulse(
        new LivenessOptions(INTERVAL, TIMEOUT, action, action, false, Optional.empty()));
  }

  private static ProcessSample.Shares shares(double all, double collector, double busiest) {
    return new ProcessSample.Shares(
        all, collector, Optional.of(new ProcessSample.Busiest("main", busiest)));
  }

  private Verdict look(char state, ProcessSample.Shares shares, Duration elapsed) {
    return pulse.onSample(new ProcessSample(0, state, false, Map.of()), shares, elapsed);
  }

  /** An interval without an answer. */
  private Verdict silent(char state, ProcessSample.Shares shares) {
    pulse.onTick(INTERVAL);
    return look(state, shares, INTERVAL);
  }

  private Verdict answer(String text, Duration since) {
    pulse.onAsked();
    return pulse.onAnswer(BeatAnswer.of(text), since, true);
  }

  @Test
  void shouldLeaveAloneWhatAnswers() {
    for (int i = 0; i < 1000; i++) {
      assertThat(answer("gc=" + i * 100, INTERVAL)).isEqualTo(FINE);
      pulse.onTick(INTERVAL);
      assertThat(look('S', IDLE, INTERVAL)).isEqualTo(FINE);
    }
    assertThat(pulse.silence()).isZero();
  }

  @Test
  void shouldReplaceWhatAnswersNothingForTheTimeout() {
    pulse.onAsked();
    for (int i = 1; i < TICKS; i++) {
      assertThat(silent('S', IDLE)).isEqualTo(FINE);
    }
    assertThat(silent('S', IDLE)).isEqualTo(new Verdict.Replace(StuckKind.SILENT));
    assertThat(pulse.silence()).isEqualTo(TIMEOUT);
  }

  @Test
  void shouldBeginAnewAfterALateAnswer() {
    pulse.onAsked();
    for (int i = 1; i < TICKS; i++) {
      silent('S', IDLE);
    }
    assertThat(pulse.onAnswer(BeatAnswer.of("gc=0"), TIMEOUT, false)).isEqualTo(FINE);
    pulse.onAsked();
    for (int i = 1; i < TICKS; i++) {
      assertThat(silent('S', IDLE)).isEqualTo(FINE);
    }
  }

  @Test
  void shouldNotCountTheTimeInWhichTheMonitorDidNotRun() {
    pulse.onAsked();
    pulse.onTick(Duration.ofHours(8));
    assertThat(look('S', IDLE, Duration.ofHours(8))).isEqualTo(FINE);
    assertThat(pulse.silence()).isEqualTo(INTERVAL.multipliedBy(2));
  }

  @Test
  void shouldTellWhatIsStoppedAndWhatRunsWithoutASafepoint() {
    pulse.onAsked();
    for (int i = 1; i < TICKS; i++) {
      silent('T', IDLE);
    }
    assertThat(silent('T', IDLE)).isEqualTo(new Verdict.Replace(StuckKind.STOPPED));
    assertThat(silent('R', COMPUTING)).isEqualTo(new Verdict.Replace(StuckKind.BUSY_LOOP));
  }

  @Test
  void shouldGiveALongCollectionFiveTimesAsLong() {
    pulse.onAsked();
    for (int i = 1; i < 5 * TICKS; i++) {
      assertThat(silent('R', COLLECTING)).isEqualTo(FINE);
    }
    assertThat(silent('R', COLLECTING)).isEqualTo(new Verdict.Replace(StuckKind.GC_SPIRAL));
  }

  @ParameterizedTest
  @ValueSource(chars = {'R', 'D'})
  void shouldBeAsPatientWithACollectorThatIsNotLetRun(char state) {
    var collector =
        new ProcessSample.ThreadUse(2, "GC Thread#0", state, Duration.ZERO, Duration.ZERO);
    var sample = new ProcessSample(0, 'S', false, Map.of(2, collector));
    pulse.onAsked();
    for (int i = 1; i < 5 * TICKS; i++) {
      pulse.onTick(INTERVAL);
      assertThat(pulse.onSample(sample, IDLE, INTERVAL)).isEqualTo(FINE);
    }
    pulse.onTick(INTERVAL);
    assertThat(pulse.onSample(sample, IDLE, INTERVAL))
        .isEqualTo(new Verdict.Replace(StuckKind.SILENT));
  }

  @Test
  void shouldTakeAWorkerWithoutMemoryForOneInASpiral() {
    for (int i = 1; i < 5 * TICKS; i++) {
      pulse.onAsked();
      assertThat(pulse.onAnswer(NO_MEMORY, INTERVAL, false)).isEqualTo(FINE);
      assertThat(silent('S', IDLE)).isEqualTo(FINE);
    }
    assertThat(silent('S', IDLE)).isEqualTo(new Verdict.Replace(StuckKind.GC_SPIRAL));
  }

  @Test
  void shouldNotEndWhatADebuggerHolds() {
    pulse.onAsked();
    for (int i = 0; i < 100 * TICKS; i++) {
      assertThat(silent('t', IDLE)).isEqualTo(FINE);
    }
  }

  @Test
  void shouldNotEndWhatDumpsItsCore() {
    pulse.onAsked();
    for (int i = 0; i < 100 * TICKS; i++) {
      pulse.onTick(INTERVAL);
      assertThat(pulse.onSample(new ProcessSample(0, 'D', true, Map.of()), IDLE, INTERVAL))
          .isEqualTo(FINE);
    }
  }

  @Test
  void shouldTellOfADeadlockOnceWhenItWasSeenTwice() {
    String deadlock = "gc=0 deadlocked=2 waiting=1 threads=a, b, c";
    assertThat(answer(deadlock, LOOK)).isEqualTo(FINE);
    assertThat(answer("gc=0", LOOK)).isEqualTo(FINE); // a lock with a time limit
    assertThat(answer(deadlock, LOOK)).isEqualTo(FINE);
    assertThat(answer(deadlock, LOOK)).isEqualTo(new Verdict.Report(StuckKind.DEADLOCKED));
    assertThat(answer(deadlock, LOOK)).isEqualTo(FINE);
    assertThat(pulse.deadlock()).hasValue(new BeatAnswer.Deadlock(2, 1, "a, b, c"));

    pulse = pulse(OnStuck.REPLACE);
    answer(deadlock, LOOK);
    assertThat(answer(deadlock, LOOK)).isEqualTo(new Verdict.Replace(StuckKind.DEADLOCKED));
  }

  @Test
  void shouldKeepADeadlockInMindBetweenLooks() {
    String deadlock = "gc=0 deadlocked=2 waiting=0 threads=a, b";
    answer(deadlock, LOOK);
    for (int i = 0; i < 5; i++) {
      pulse.onAsked();
      pulse.onAnswer(BeatAnswer.of("gc=0"), INTERVAL, false);
    }
    assertThat(answer(deadlock, LOOK)).isEqualTo(new Verdict.Report(StuckKind.DEADLOCKED));
  }

  @Test
  void shouldTellOfASpiralWhenAllTheTimeWasCollected() {
    long collected = 0;
    answer("gc=0", INTERVAL);
    for (int i = 1; i < TICKS; i++) {
      collected += i % 2 == 0 ? 5500 : 4000; // a collection is counted when it ends
      assertThat(answer("gc=" + collected, INTERVAL)).as("after %d", i).isEqualTo(FINE);
      if (i == 1) {
        // 80 % only: the window begins after it
        collected += 5000;
        answer("gc=" + collected, INTERVAL);
      }
    }
    collected += 5000;
    Verdict verdict = answer("gc=" + collected, INTERVAL);
    assertThat(verdict).isEqualTo(new Verdict.Report(StuckKind.GC_SPIRAL));
    assertThat(answer("gc=" + (collected + 5000), INTERVAL)).isEqualTo(FINE);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 50, 60, 85})
  void shouldNotTakeAHardworkingCollectorForASpiral(long percent) {
    long collected = 0;
    for (int i = 0; i < 1000; i++) {
      collected += INTERVAL.toMillis() * percent / 100;
      assertThat(answer("gc=" + collected, INTERVAL)).isEqualTo(FINE);
    }
  }

  @Test
  void shouldTellOfABusyLoopOnceAndLeaveItAlone() {
    pulse = pulse(OnStuck.REPLACE);
    assertThat(look('R', COMPUTING, LOOK)).isEqualTo(FINE);
    assertThat(look('R', COMPUTING, LOOK)).isEqualTo(new Verdict.Report(StuckKind.BUSY_LOOP));
    assertThat(look('R', COMPUTING, LOOK)).isEqualTo(FINE);
    assertThat(look('S', IDLE, LOOK)).isEqualTo(FINE);
    assertThat(look('R', COMPUTING, LOOK)).isEqualTo(FINE);
    assertThat(look('R', COMPUTING, LOOK)).isEqualTo(new Verdict.Report(StuckKind.BUSY_LOOP));
  }
}
