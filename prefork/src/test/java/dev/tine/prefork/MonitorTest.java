package dev.tine.prefork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.ForkException;
import dev.tine.fork.Signal;
import dev.tine.sys.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class MonitorTest {
  private static final ExitStatus SUCCESS = new ExitStatus.Exited(0);
  private static final ExitStatus FAILURE = new ExitStatus.Exited(3);

  private final FakeMolds molds = new FakeMolds();
  private final FakeMolds.FakeMold firstMold = molds.mold("first");
  private final Inbox inbox = new Inbox();
  private final RecordingLogger logger = new RecordingLogger();
  private Runnable unblock = () -> {};
  private boolean stopsAtOnce;
  private long pid = 42;

  @Test
  void shouldForkAllAndEndWithZeroWhenAllAreDone() {
    molds.thenExits(SUCCESS).thenExits(SUCCESS);

    Outcome outcome = run(2, 100);

    assertThat(outcome).isEqualTo(new Outcome.Exit(0));
    assertThat(molds.history)
        .containsExactly(
            "listen",
            "fork tine: worker shop id=0 gen=1",
            "fork tine: worker shop id=1 gen=1",
            "close first",
            "close");
    assertThat(logger.lines)
        .containsExactly(
            "INFO Starting 2 processes",
            "INFO child 0 (pid 101) exited normally",
            "INFO child 1 (pid 102) exited normally");
  }

  @Test
  void shouldRestartInTheSameIdWithANewPid() {
    molds.thenExits(FAILURE).thenExits(SUCCESS);

    Outcome outcome = run(1, 1);

    assertThat(outcome).isEqualTo(new Outcome.Exit(0));
    assertThat(logger.lines)
        .containsExactly(
            "INFO Starting 1 processes",
            "WARNING child 0 (pid 101) exited with status 3, restarting",
            "INFO child 0 (pid 102) exited normally");
  }

  @Test
  void shouldStopTheSiblingsBeforeItGivesUp() {
    molds.thenServesUntil(Signal.TERM).thenExits(FAILURE);

    Outcome outcome = run(2, 0);

    assertThat(outcome).isEqualTo(new Outcome.TooManyRestarts());
    assertThat(molds.history).endsWith("signal 101 SIGTERM", "close first", "close");
  }

  @Test
  void shouldForwardTheSignalAndEndWithItsCode() {
    molds.thenServesUntil(Signal.INT).thenServesUntil(Signal.INT);
    inbox.post(new Event.StopRequested(Signal.INT));

    Outcome outcome = run(2, 100);

    assertThat(outcome).isEqualTo(new Outcome.Exit(130));
    assertThat(molds.history)
        .contains("signal 101 SIGINT", "signal 102 SIGINT")
        .endsWith("close first", "close");
  }

  @Test
  void shouldKillOnlyThoseThatDidNotStopInTime() {
    molds.thenServesUntil(Signal.KILL).thenServesUntil(Signal.TERM);
    inbox.post(new Event.StopRequested(Signal.TERM));
    inbox.post(new Event.WorkerExited(1, 102, SUCCESS));
    inbox.post(new Event.GraceOver());

    Outcome outcome = run(2, 100);

    assertThat(outcome).isEqualTo(new Outcome.Exit(143));
    assertThat(molds.history)
        .containsSubsequence("signal 101 SIGTERM", "signal 101 SIGKILL")
        .doesNotContain("signal 102 SIGKILL");
  }

  @Test
  void shouldForkFromANewMoldAfterTheFirstWasKilled() {
    molds.thenExits(FAILURE).thenExits(SUCCESS);
    firstMold.die();

    Outcome outcome = run(1, 1);

    assertThat(outcome).isEqualTo(new Outcome.Exit(0));
    assertThat(molds.history)
        .containsExactly(
            "listen",
            "fork tine: worker shop id=0 gen=1",
            "close first",
            "pause",
            "freeze tine: mold shop gen=2",
            "listen",
            "fork tine: worker shop id=0 gen=2",
            "close tine: mold shop gen=2",
            "close");
  }

  @Test
  void shouldReturnTheIdInAWorkerOfASecondMoldAndTouchNothingElse() {
    molds.thenExits(FAILURE).thenFreezeReturnsInWorker(0);
    firstMold.die();

    Outcome outcome = run(1, 1);

    assertThat(outcome).isEqualTo(new Outcome.InWorker(0));
    assertThat(molds.history).endsWith("pause", "freeze tine: mold shop gen=2", "close");
  }

  @Test
  void shouldTryAgainAfterAFailedFork() {
    molds.thenCannotFork(noMemory()).thenExits(SUCCESS);

    Outcome outcome = run(1, 1);

    assertThat(outcome).isEqualTo(new Outcome.Exit(0));
    assertThat(logger.lines).contains("WARNING child 0 could not be forked: no memory");
  }

  @Test
  void shouldGiveUpWhenForkKeepsFailing() {
    molds.thenCannotFork(noMemory()).thenCannotFork(noMemory());

    Outcome outcome = run(1, 1);

    assertThat(outcome).isEqualTo(new Outcome.TooManyRestarts());
  }

  @Test
  void shouldStopEverythingOnAnInterrupt() {
    molds.thenServesUntil(Signal.TERM);
    Thread.currentThread().interrupt();

    Outcome outcome = run(1, 100);

    assertThat(outcome).isEqualTo(new Outcome.Interrupted());
    assertThat(molds.history).endsWith("signal 101 SIGTERM", "close first", "close");
  }

  @Test
  void shouldTouchNothingInACopyOfTheMonitor() {
    molds.thenServesUntil(Signal.TERM);
    Monitor monitor = monitor(new Supervision(1, 100));
    pid = 43;
    inbox.post(new Event.StopRequested(Signal.TERM));

    Outcome outcome = monitor.run();

    assertThat(outcome).isEqualTo(new Outcome.InCopy());
    assertThat(molds.history)
        .containsExactly("listen", "fork tine: worker shop id=0 gen=1", "close");
  }

  @Test
  void shouldLeaveNoWorkerBehindAfterAnErrorOfItsOwn() {
    molds.thenServesUntil(Signal.TERM);

    // The script has no second worker.
    assertThatThrownBy(() -> run(2, 100)).isInstanceOf(RuntimeException.class);

    assertThat(molds.history).endsWith("signal 101 SIGKILL", "close first", "close");
  }

  @Test
  void shouldStopThoughTheMoldDoesNotAnswer() {
    molds
        .thenServesUntil(Signal.TERM)
        .thenWaits(() -> {
          inbox.post(new Event.StopRequested(Signal.TERM));
          Thread.ofPlatform().start(() -> unblock.run());
          firstMold.process().onExit().join();
          throw noMemory();
        });

    assertThat(run(2, 100)).isEqualTo(new Outcome.Exit(143));

    assertThat(molds.history)
        .containsSubsequence(
            "fork tine: worker shop id=1 gen=1",
            "signal %d SIGKILL".formatted(firstMold.process().pid()),
            "signal 101 SIGTERM");
  }

  @Test
  void shouldOrderNoWorkerOnceAStopIsRequested() {
    stopsAtOnce = true;
    inbox.post(new Event.StopRequested(Signal.TERM));

    assertThat(run(2, 100)).isEqualTo(new Outcome.Exit(143));

    assertThat(molds.history).noneMatch(step -> step.startsWith("fork "));
  }

  @Test
  void shouldReplaceAMoldThatHasNotAnsweredInTime() {
    molds
        .thenCannotFork(new ForkException(ForkException.Stage.ORDER, Errno.ETIMEDOUT, "no answer"))
        .thenExits(SUCCESS);

    assertThat(run(1, 1)).isEqualTo(new Outcome.Exit(0));

    assertThat(molds.history).contains("fork tine: worker shop id=0 gen=2");
  }

  private Outcome run(int processes, int maxRestarts) {
    return monitor(new Supervision(processes, maxRestarts)).run();
  }

  private Monitor monitor(Supervision supervision) {
    return new Monitor(
        supervision,
        molds,
        firstMold,
        new Titles("shop"),
        inbox,
        new RecordingStops(),
        logger,
        () -> pid);
  }

  private static ForkException noMemory() {
    return new ForkException(ForkException.Stage.CLONE, 12, "no memory");
  }

  private final class RecordingStops implements StopRequests {
    @Override
    public void listen(Runnable posted) {
      unblock = posted;
      if (stopsAtOnce) {
        posted.run();
      }
      molds.history.add("listen");
    }

    @Override
    public void pause() {
      molds.history.add("pause");
    }

    @Override
    public void close() {
      molds.history.add("close");
    }
  }

  private static final class RecordingLogger implements System.Logger {
    final List<String> lines = new ArrayList<>();

    @Override
    public String getName() {
      return "test";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String message,
        @Nullable Throwable thrown) {
      lines.add(level + " " + message);
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String format,
        @Nullable Object @Nullable ... parameters) {
      lines.add(level + " " + format);
    }
  }
}
