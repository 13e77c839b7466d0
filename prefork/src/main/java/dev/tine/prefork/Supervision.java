package dev.tine.prefork;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The whole policy of prefork: which event leads to which actions.
 *
 * <p>It forks, signals, waits and logs nothing itself and has no clock, so every case is tested
 * without a process. It belongs to the monitor's thread.
 */
final class Supervision {
  /* Restarts
   *
   * An id is in `unfinished` from its first fork until it exits with 0, or until it exits at all once
   * we are stopping. The counter of restarts is one for all ids and for the whole life, as in Tornado;
   * a fork that failed counts like a worker that died at once.
   *
   * Stopping
   *
   * `ending` is set exactly once: by too many restarts, a signal, an interrupt or the end of the JVM.
   * From then on nothing is forked, and the outcome is due as soon as `unfinished` is empty.
   */

  static final Duration STOP_GRACE = Duration.ofSeconds(10);

  /**
   * timeout(1) signals its child and then the child's process group, which is the child again; a
   * wrapper that forwards Ctrl-C does the same. Such an echo must not count as "I said: at once".
   */
  static final Duration REPEAT_WINDOW = Duration.ofMillis(500);

  /** EAGAIN and ENOMEM pass or they do not: 100 restarts give them 10 s, not 10 ms. */
  static final Duration FORK_RETRY_DELAY = Duration.ofMillis(100);

  private final int processes;
  private final int maxRestarts;
  private final Set<Integer> unfinished = new HashSet<>();
  private final Set<Integer> awaitingRetry = new HashSet<>();
  private Optional<Outcome> ending = Optional.empty();
  private int restarts;
  private int generation = 1;
  private boolean repeatKills;
  private boolean hasKilled;

  Supervision(int processes, int maxRestarts) {
    this.processes = processes;
    this.maxRestarts = maxRestarts;
  }

  List<Action> on(Event event) {
    return switch (event) {
      case Event.Started() -> start();
      case Event.WorkerExited exit when isStopping() || exit.status().isSuccess() ->
          workerDone(exit);
      case Event.WorkerExited exit -> workerFailed(exit);
      case Event.WorkerNotForked(int id, String reason) -> workerNotForked(id, reason);
      case Event.RetryDue(int id) -> awaitingRetry.remove(id) ? List.of(fork(id)) : List.of();
      case Event.MoldExited exit -> moldExited(exit);
      case Event.StopRequested _ when isStopping() -> repeatKills ? kill("asked twice") : List.of();
      case Event.StopRequested(Signal signal) ->
          stop(new Outcome.Exit(128 + signal.number()), signal);
      case Event.RepeatWindowOver() -> {
        repeatKills = true;
        yield List.of();
      }
      case Event.Interrupted _ when isStopping() -> List.of();
      case Event.Interrupted() -> stop(new Outcome.Interrupted(), Signal.TERM);
      case Event.JvmShutdown _ when isStopping() -> List.of();
      // The JVM has its exit code already; this one is never used.
      case Event.JvmShutdown() -> stop(new Outcome.Exit(0), Signal.TERM);
      case Event.GraceOver() -> graceOver();
    };
  }

  private List<Action> start() {
    List<Action> actions = new ArrayList<>();
    actions.add(new Action.Log(INFO, "Starting " + processes + " processes"));
    for (int id = 0; id < processes; id++) {
      unfinished.add(id);
      actions.add(fork(id));
    }
    return actions;
  }

  private List<Action> workerDone(Event.WorkerExited exit) {
    return then(new Action.Log(INFO, describe(exit)), finish(exit.id()));
  }

  private List<Action> workerFailed(Event.WorkerExited exit) {
    Action log = new Action.Log(WARNING, describe(exit) + ", restarting");
    return mayRestart() ? List.of(log, fork(exit.id())) : then(log, giveUpWithout(exit.id()));
  }

  private List<Action> workerNotForked(int id, String reason) {
    Action log = new Action.Log(WARNING, "child " + id + " could not be forked: " + reason);
    if (isStopping()) {
      return then(log, finish(id));
    }
    if (mayRestart()) {
      awaitingRetry.add(id);
      return List.of(log, new Action.Schedule(FORK_RETRY_DELAY, new Event.RetryDue(id)));
    }
    return then(log, giveUpWithout(id));
  }

  /** Workers do not need their mold to live: the next one is made when a worker has to be. */
  private List<Action> moldExited(Event.MoldExited exit) {
    if (exit.generation() != generation || isStopping()) {
      return List.of();
    }
    generation++;
    return List.of(
        new Action.Log(
            WARNING,
            "mold (pid "
                + exit.pid()
                + ") "
                + describe(exit.status())
                + "; its workers serve on, the next restart makes a new mold"));
  }

  private List<Action> stop(Outcome outcome, Signal signal) {
    ending = Optional.of(outcome);
    unfinished.removeAll(awaitingRetry);
    awaitingRetry.clear();
    if (unfinished.isEmpty()) {
      return List.of(new Action.End(outcome));
    }
    return List.of(
        new Action.SignalWorkers(signal),
        new Action.Schedule(REPEAT_WINDOW, new Event.RepeatWindowOver()),
        new Action.Schedule(STOP_GRACE, new Event.GraceOver()));
  }

  private List<Action> giveUpWithout(int id) {
    unfinished.remove(id);
    return stop(new Outcome.TooManyRestarts(), Signal.TERM);
  }

  private List<Action> graceOver() {
    // A process that outlives SIGKILL sits in the kernel, and waiting longer does not help it; it
    // dies there of the death signal that the monitor's own end sends.
    return hasKilled ? List.of(end()) : kill("still there after " + STOP_GRACE.toSeconds() + " s");
  }

  private List<Action> kill(String why) {
    if (hasKilled) {
      return List.of();
    }
    hasKilled = true;
    return List.of(
        new Action.Log(WARNING, "killing " + unfinished.size() + " processes: " + why),
        new Action.SignalWorkers(Signal.KILL),
        new Action.Schedule(STOP_GRACE, new Event.GraceOver()));
  }

  private List<Action> finish(int id) {
    unfinished.remove(id);
    return unfinished.isEmpty() ? List.of(end()) : List.of();
  }

  private Action end() {
    return new Action.End(ending.orElse(new Outcome.Exit(0)));
  }

  private boolean isStopping() {
    return ending.isPresent();
  }

  private boolean mayRestart() {
    restarts++;
    return restarts <= maxRestarts;
  }

  private Action fork(int id) {
    return new Action.Fork(id, generation);
  }

  private static List<Action> then(Action first, List<Action> rest) {
    List<Action> actions = new ArrayList<>();
    actions.add(first);
    actions.addAll(rest);
    return actions;
  }

  private static String describe(Event.WorkerExited exit) {
    return "child " + exit.id() + " (pid " + exit.pid() + ") " + describe(exit.status());
  }

  private static String describe(ExitStatus status) {
    return switch (status) {
      case ExitStatus.Exited(int code) when code == 0 -> "exited normally";
      case ExitStatus.Exited(int code) -> "exited with status " + code;
      case ExitStatus.Signaled(Signal signal, _) -> "killed by signal " + signal.number();
      case ExitStatus.Unknown(String reason) -> "ended, nobody knows how (" + reason + ")";
    };
  }
}
