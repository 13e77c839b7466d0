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
    assertThat(Failures.of(new OrderCall.Answer(0, Stage.ORDER, EPIPE)))
        .hasMessage("cannot fork a worker: the mold does not answer: Broken pipe");
  }

  private static Result result(Stage stage, Obstacle obstacle, int tid) {
    return new Result(
        0,
        stage,
        tid,
        obstacle,
        "worker",
        0,
        0,
        0,
        0,
        RefusalReason.NONE,
        new Timing(0, 0, 0, 0, 0, 0, 0));
  }
}
