package dev.tine.fork.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.ForkException;
import dev.tine.sys.Errno;
import dev.tine.sys.ForkCall.Result;
import dev.tine.sys.ForkCall.Timing;
import dev.tine.sys.Obstacle;
import dev.tine.sys.OrderCall;
import dev.tine.sys.RefusalReason;
import dev.tine.sys.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FailuresTest {
  private static final int EPIPE = 32;

  @ParameterizedTest
  @EnumSource(value = Stage.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void shouldKeepStageAndErrno(Stage stage) {
    ForkException failure = Failures.of(result(stage, Obstacle.NONE, 0), Errno.EAGAIN);

    assertThat(failure.stage()).hasToString(stage.name());
    assertThat(failure.errno()).isEqualTo(Errno.EAGAIN);
    assertThat(failure).hasMessageStartingWith("cannot fork: ");
  }

  @Test
  void shouldNameTheThreadThatBlocksTheSignalAndTheRemedy() {
    assertThat(Failures.of(result(Stage.PARK, Obstacle.BLOCKED, 4711), Errno.ETIMEDOUT))
        .hasMessageContainingAll(
            "\"worker\"", "tid 4711", "blocks signal", "-Ddev.tine.fork.signal");
  }

  @Test
  void shouldTellUninterruptibleSleepFromABlockedSignal() {
    assertThat(Failures.of(result(Stage.PARK, Obstacle.DISK, 4711), Errno.ETIMEDOUT))
        .hasMessageContaining("uninterruptible sleep");
  }

  @Test
  void shouldNameTheLimitsBehindEagain() {
    assertThat(Failures.of(result(Stage.CLONE, Obstacle.NONE, 0), Errno.EAGAIN))
        .hasMessageContainingAll("RLIMIT_NPROC=", "kernel.threads-max=");
  }

  @Test
  void shouldNameOvercommitBehindEnomem() {
    assertThat(Failures.of(result(Stage.CLONE, Obstacle.NONE, 0), Errno.ENOMEM))
        .hasMessageContainingAll("Cannot allocate memory", "vm.overcommit_memory=");
  }

  @Test
  void shouldSayThatTheMoldDoesNotAnswer() {
    assertThat(Failures.of(new OrderCall.Answer(0, Stage.ORDER, EPIPE, "")))
        .hasMessage("cannot fork a worker: the mold does not answer: Broken pipe");
  }

  @Test
  void shouldSayWhatTheChildCouldNotRepairAndHowItEnded() {
    assertThat(Failures.of(result(Stage.REPAIR, "Generators: no entropy", 0, 113), 0))
        .hasMessageEndingWith("Generators: no entropy; it has ended with status 113");
    assertThat(Failures.of(result(Stage.REPAIR, "", 9, 0), Errno.ECHILD))
        .hasMessageEndingWith("ended before it was repaired; it was killed by signal 9");
    assertThat(Failures.of(result(Stage.REPAIR, "", 9, 0), Errno.ETIMEDOUT))
        .hasMessageContaining("did not finish its repairs in time");
  }

  @Test
  void shouldSayWhatTheWorkerCouldNotRepair() {
    assertThat(Failures.of(new OrderCall.Answer(7, Stage.REPAIR, 0, "Generators: no entropy")))
        .hasMessageStartingWith("cannot fork a worker: ")
        .hasMessageContaining("Generators: no entropy");
    assertThat(Failures.of(new OrderCall.Answer(7, Stage.REPAIR, Errno.ECANCELED, "")))
        .hasMessageContaining("the mold ended");
  }

  private static Result result(Stage stage, Obstacle obstacle, int tid) {
    return result(stage, obstacle, tid, 0, 0, "");
  }

  private static Result result(Stage stage, String what, int exitSignal, int exitCode) {
    return result(stage, Obstacle.NONE, 0, exitSignal, exitCode, what);
  }

  private static Result result(
      Stage stage, Obstacle obstacle, int tid, int exitSignal, int exitCode, String what) {
    return new Result(
        0,
        stage,
        0,
        tid,
        obstacle,
        "worker",
        exitSignal,
        exitCode,
        0,
        0,
        0,
        RefusalReason.NONE,
        what,
        new Timing(0, 0, 0, 0, 0, 0, 0));
  }
}
