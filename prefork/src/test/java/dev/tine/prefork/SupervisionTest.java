package dev.tine.prefork;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SupervisionTest {
  private static final ExitStatus SUCCESS = new ExitStatus.Exited(0);
  private static final ExitStatus FAILURE = new ExitStatus.Exited(3);
  private static final ExitStatus KILLED = new ExitStatus.Signaled(Signal.KILL, false);
  private static final ExitStatus UNKNOWN = new ExitStatus.Unknown("not our child");

  static Stream<Arguments> abnormalEnds() {
    return Stream.of(
        arguments(FAILURE, "exited with status 3"),
        arguments(KILLED, "killed by signal 9"),
        arguments(new ExitStatus.Signaled(Signal.TERM, false), "killed by signal 15"),
        arguments(new ExitStatus.Signaled(Signal.SEGV, true), "killed by signal 11"),
        arguments(UNKNOWN, "ended, nobody knows how (not our child)"));
  }

  static Stream<Arguments> endingEvents() {
    return Stream.of(
        arguments(new Event.StopRequested(Signal.TERM), Signal.TERM, new Outcome.Exit(143)),
        arguments(new Event.StopRequested(Signal.INT), Signal.INT, new Outcome.Exit(130)),
        arguments(new Event.Interrupted(), Signal.TERM, new Outcome.Interrupted()),
        arguments(new Event.JvmShutdown(), Signal.TERM, new Outcome.Exit(0)));
  }

  @Test
  void shouldForkAllIdsInOrderAtTheStart() {
    var supervision = new Supervision(3, 100);

    List<Action> actions = supervision.on(new Event.Started());

    assertThat(actions)
        .containsExactly(
            log(INFO, "Starting 3 processes"),
            new Action.Fork(0, 1),
            new Action.Fork(1, 1),
            new Action.Fork(2, 1));
  }

  @ParameterizedTest
  @MethodSource("abnormalEnds")
  void shouldRestartInTheSameIdAfterAnAbnormalEnd(ExitStatus status, String description) {
    Supervision supervision = started(2, 1);

    List<Action> actions = supervision.on(exited(1, status));

    assertThat(actions)
        .containsExactly(
            log(WARNING, "child 1 (pid 101) " + description + ", restarting"),
            new Action.Fork(1, 1));
  }

  @ParameterizedTest
  @MethodSource("abnormalEnds")
  void shouldGiveUpOnTheRestartThatIsOneTooMany(ExitStatus status, String description) {
    Supervision supervision = started(2, 0);

    List<Action> actions = supervision.on(exited(1, status));

    assertThat(actions)
        .startsWith(
            log(WARNING, "child 1 (pid 101) " + description + ", restarting"),
            new Action.SignalWorkers(Signal.TERM));
    assertThat(supervision.on(exited(0, KILLED))).endsWith(end(new Outcome.TooManyRestarts()));
  }

  @ParameterizedTest
  @MethodSource("abnormalEnds")
  void shouldNotRestartWhileStopping(ExitStatus status, String description) {
    Supervision supervision = started(2, 100);
    supervision.on(new Event.StopRequested(Signal.TERM));

    List<Action> actions = supervision.on(exited(1, status));

    assertThat(actions).containsExactly(log(INFO, "child 1 (pid 101) " + description));
  }

  @Test
  void shouldNeverRestartAfterANormalExit() {
    Supervision supervision = started(2, 100);

    List<Action> actions = supervision.on(exited(0, SUCCESS));

    assertThat(actions).containsExactly(log(INFO, "child 0 (pid 100) exited normally"));
  }

  @Test
  void shouldExitWithZeroWhenAllExitedNormally() {
    Supervision supervision = started(2, 100);
    supervision.on(exited(0, SUCCESS));

    List<Action> actions = supervision.on(exited(1, SUCCESS));

    assertThat(actions)
        .containsExactly(log(INFO, "child 1 (pid 101) exited normally"), end(new Outcome.Exit(0)));
  }

  @Test
  void shouldExitWithZeroAfterExactlyTheAllowedRestarts() {
    Supervision supervision = started(1, 3);
    for (int i = 0; i < 3; i++) {
      assertThat(supervision.on(exited(0, FAILURE))).endsWith(new Action.Fork(0, 1));
    }

    List<Action> actions = supervision.on(exited(0, SUCCESS));

    assertThat(actions).endsWith(end(new Outcome.Exit(0)));
  }

  @Test
  void shouldCountRestartsOverAllIds() {
    Supervision supervision = started(3, 2);
    supervision.on(exited(0, FAILURE));
    supervision.on(exited(1, KILLED));

    List<Action> actions = supervision.on(exited(2, FAILURE));

    assertThat(actions).contains(new Action.SignalWorkers(Signal.TERM));
  }

  @Test
  void shouldGiveUpAtOnceWhenThereIsNobodyToStop() {
    Supervision supervision = started(1, 0);

    List<Action> actions = supervision.on(exited(0, FAILURE));

    assertThat(actions).endsWith(end(new Outcome.TooManyRestarts()));
  }

  @ParameterizedTest
  @MethodSource("endingEvents")
  void shouldStopWorkersAndWaitForThem(Event event, Signal signal, Outcome outcome) {
    Supervision supervision = started(2, 100);

    List<Action> actions = supervision.on(event);

    assertThat(actions)
        .containsExactly(
            new Action.SignalWorkers(signal),
            new Action.Schedule(Supervision.REPEAT_WINDOW, new Event.RepeatWindowOver()),
            new Action.Schedule(Supervision.STOP_GRACE, new Event.GraceOver()));
    assertThat(supervision.on(exited(0, SUCCESS))).hasSize(1);
    assertThat(supervision.on(exited(1, KILLED))).endsWith(end(outcome));
  }

  @ParameterizedTest
  @MethodSource("endingEvents")
  void shouldKeepTheFirstReasonToStop(Event event, Signal signal, Outcome outcome) {
    Supervision supervision = started(1, 100);
    supervision.on(event);
    supervision.on(new Event.Interrupted());
    supervision.on(new Event.JvmShutdown());
    supervision.on(new Event.StopRequested(Signal.HUP));

    List<Action> actions = supervision.on(exited(0, new ExitStatus.Signaled(signal, false)));

    assertThat(actions).endsWith(end(outcome));
  }

  @Test
  void shouldKillAfterTheGrace() {
    Supervision supervision = started(2, 100);
    supervision.on(new Event.StopRequested(Signal.TERM));
    supervision.on(exited(0, SUCCESS));

    List<Action> actions = supervision.on(new Event.GraceOver());

    assertThat(actions)
        .containsExactly(
            log(WARNING, "killing 1 processes: still there after 10 s"),
            new Action.SignalWorkers(Signal.KILL),
            new Action.Schedule(Supervision.STOP_GRACE, new Event.GraceOver()));
    assertThat(supervision.on(exited(1, KILLED))).endsWith(end(new Outcome.Exit(143)));
  }

  @Test
  void shouldNotWaitForeverForAProcessThatOutlivesSigkill() {
    Supervision supervision = started(1, 100);
    supervision.on(new Event.StopRequested(Signal.TERM));
    supervision.on(new Event.GraceOver());

    List<Action> actions = supervision.on(new Event.GraceOver());

    assertThat(actions).containsExactly(end(new Outcome.Exit(143)));
  }

  @Test
  void shouldKillAtOnceWhenAskedTwice() {
    Supervision supervision = started(1, 100);
    supervision.on(new Event.StopRequested(Signal.INT));
    supervision.on(new Event.RepeatWindowOver());

    List<Action> actions = supervision.on(new Event.StopRequested(Signal.INT));

    assertThat(actions).contains(new Action.SignalWorkers(Signal.KILL));
    assertThat(supervision.on(new Event.StopRequested(Signal.INT))).isEmpty();
  }

  @Test
  void shouldNotTakeTheEchoOfASignalForASecondOne() {
    Supervision supervision = started(1, 100);
    supervision.on(new Event.StopRequested(Signal.TERM));

    List<Action> actions = supervision.on(new Event.StopRequested(Signal.TERM));

    assertThat(actions).isEmpty();
  }

  @Test
  void shouldCountAFailedForkAsARestartAndPauseBeforeTheNext() {
    Supervision supervision = started(2, 1);

    List<Action> actions = supervision.on(new Event.WorkerNotForked(1, "fork: EAGAIN"));

    assertThat(actions)
        .containsExactly(
            log(WARNING, "child 1 could not be forked: fork: EAGAIN"),
            new Action.Schedule(Supervision.FORK_RETRY_DELAY, new Event.RetryDue(1)));
    assertThat(supervision.on(new Event.RetryDue(1))).containsExactly(new Action.Fork(1, 1));
    assertThat(supervision.on(new Event.WorkerNotForked(1, "fork: EAGAIN")))
        .contains(new Action.SignalWorkers(Signal.TERM));
  }

  @Test
  void shouldNotForkAgainOnceStopping() {
    Supervision supervision = started(1, 100);
    supervision.on(new Event.WorkerNotForked(0, "fork: EAGAIN"));

    List<Action> actions = supervision.on(new Event.StopRequested(Signal.TERM));

    assertThat(actions).containsExactly(end(new Outcome.Exit(143)));
    assertThat(supervision.on(new Event.RetryDue(0))).isEmpty();
  }

  @Test
  void shouldEndWhenTheLastForkFailsWhileStopping() {
    Supervision supervision = started(1, 100);
    supervision.on(new Event.StopRequested(Signal.TERM));

    List<Action> actions = supervision.on(new Event.WorkerNotForked(0, "fork: EAGAIN"));

    assertThat(actions).endsWith(end(new Outcome.Exit(143)));
  }

  @Test
  void shouldNotEndWhileAWorkerAwaitsItsNextFork() {
    Supervision supervision = started(2, 100);
    supervision.on(new Event.WorkerNotForked(0, "fork: EAGAIN"));

    List<Action> actions = supervision.on(exited(1, SUCCESS));

    assertThat(actions).containsExactly(log(INFO, "child 1 (pid 101) exited normally"));
  }

  @Test
  void shouldForkFromANewMoldOnlyWhenAWorkerNeedsIt() {
    Supervision supervision = started(2, 100);

    List<Action> actions = supervision.on(new Event.MoldExited(1, 90, KILLED));

    assertThat(actions)
        .containsExactly(
            log(
                WARNING,
                "mold (pid 90) killed by signal 9; its workers serve on,"
                    + " the next restart makes a new mold"));
    assertThat(supervision.on(exited(0, KILLED))).endsWith(new Action.Fork(0, 2));
    assertThat(supervision.on(exited(1, KILLED))).endsWith(new Action.Fork(1, 2));
  }

  @Test
  void shouldIgnoreTheEndOfAMoldWhileStoppingOrAfterItsSuccessor() {
    Supervision supervision = started(2, 100);
    supervision.on(new Event.MoldExited(1, 90, KILLED));

    assertThat(supervision.on(new Event.MoldExited(1, 90, KILLED))).isEmpty();

    supervision.on(new Event.StopRequested(Signal.TERM));
    assertThat(supervision.on(new Event.MoldExited(2, 91, KILLED))).isEmpty();
  }

  private static Supervision started(int processes, int maxRestarts) {
    var supervision = new Supervision(processes, maxRestarts);
    supervision.on(new Event.Started());
    return supervision;
  }

  private static Event exited(int id, ExitStatus status) {
    return new Event.WorkerExited(id, 100 + id, status);
  }

  private static Action log(System.Logger.Level level, String text) {
    return new Action.Log(level, text);
  }

  private static Action end(Outcome outcome) {
    return new Action.End(outcome);
  }
}
