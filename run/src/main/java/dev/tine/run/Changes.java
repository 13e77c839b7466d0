package dev.tine.run;

import dev.tine.fork.ExitStatus;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What is done to the fleet while it serves: reload, rollback and refork, of which one is under way
 * at a time, and single workers that are replaced. A change that fails is taken back.
 *
 * <p>For the loop's thread.
 */
final class Changes {
  private final RunMonitor monitor;
  private final Generations generations;
  private final Fleet fleet;
  private final RunOptions options;
  private final Map<Integer, Replacement> single = new HashMap<>();
  private Optional<Change> underWay = Optional.empty();

  /** One of the larger ones. */
  private static final class Change {
    private final String name;
    private final long beginNanos = System.nanoTime();
    private final Consumer<Optional<String>> onEnd;
    private Optional<Generation> target = Optional.empty();
    private Optional<Rollout> rollout = Optional.empty();

    private Change(String name, Consumer<Optional<String>> onEnd) {
      this.name = name;
      this.onEnd = onEnd;
    }
  }

  Changes(RunMonitor monitor, Generations generations, Fleet fleet, RunOptions options) {
    this.monitor = monitor;
    this.generations = generations;
    this.fleet = fleet;
    this.options = options;
  }

  boolean isUnderWay() {
    return underWay.isPresent();
  }

  /** How many workers are being replaced one by one. */
  int singleCount() {
    return single.size();
  }

  /**
   * Boots the program anew beside the one that serves, and lets it take over.
   *
   * @param command another one than before; empty: the same
   * @param onEnd is told once: why it failed and nothing has changed, or nothing
   */
  void reload(Optional<List<String>> command, Consumer<Optional<String>> onEnd) {
    if (!begin("reload", onEnd)) {
      return;
    }
    List<String> wanted = command.orElse(generations.command());
    try {
      generations.startBoot(
          wanted,
          new Boot.Outcome() {
            @Override
            public void booted(Frozen result) {
              onMade(generations.adopt(result, wanted));
            }

            @Override
            public void failed(String reason) {
              end(Optional.of(reason));
            }
          });
    } catch (RunFailedException e) {
      end(Optional.of(String.valueOf(e.getMessage())));
    }
  }

  /** Lets the former generation take over again. */
  void rollback(Consumer<Optional<String>> onEnd) {
    Optional<Generation> former = generations.former();
    if (former.isEmpty()) {
      onEnd.accept(
          Optional.of(
              "there is no former generation to go back to: it is there after a reload, unless"
                  + " --keep-molds is 0"));
    } else if (begin("rollback", onEnd)) {
      rollOut(former.get(), Duration.ZERO);
    }
  }

  /** Makes the worker that has served for longest the mold of all others. */
  void refork(Consumer<Optional<String>> onEnd) {
    Optional<Worker> oldest =
        fleet.roster().serving().stream().max(Comparator.comparing(worker -> worker.child().age()));
    if (oldest.isEmpty()) {
      onEnd.accept(Optional.of("there is no worker that serves"));
    } else if (begin("refork", onEnd)) {
      var outcome =
          new Reforking.Outcome() {
            @Override
            public void made(Generation generation) {
              onMade(generation);
            }

            @Override
            public void failed(String reason) {
              end(Optional.of(reason));
            }
          };
      new Reforking(fleet, generations, options, oldest.get(), outcome).start();
    }
  }

  /** There is another mold, which may not be wanted any more. */
  private void onMade(Generation generation) {
    if (underWay.isEmpty()) {
      generations.discard(generation);
    } else {
      rollOut(generation, options.rollout().probation());
    }
  }

  private boolean begin(String name, Consumer<Optional<String>> onEnd) {
    String obstacle = "";
    if (monitor.isStopping()) {
      obstacle = "it is being stopped";
    } else if (underWay.isPresent()) {
      obstacle = "a %s is under way; try again when it is done".formatted(underWay.get().name);
    } else if (generations.isBooting()) {
      obstacle = "the program is booting; try again when it serves";
    } else if (generations.current().isEmpty()) {
      obstacle = "there is no mold; another is booted in a moment";
    }
    if (!obstacle.isEmpty()) {
      monitor.events().tell(Event.of(name + "-refused").with("reason", obstacle));
      onEnd.accept(Optional.of(obstacle));
      return false;
    }
    underWay = Optional.of(new Change(name, onEnd));
    monitor.events().tell(Event.of(name).with("serving", fleet.roster().servingCount()));
    return true;
  }

  private void rollOut(Generation target, Duration probation) {
    Change change = underWay.orElseThrow();
    change.target = Optional.of(target);
    Optional<String> failure = generations.openListeners(target);
    if (failure.isPresent()) {
      onRolledOut(target, failure);
      return;
    }
    var rollout =
        new Rollout(
            new FleetCrew(
                fleet,
                target,
                generations.current(),
                Replacement.Plan.of(options, probation, (worker, doors) -> worker.terminate())),
            target.number(),
            probation,
            options.rollout().maxSurge(),
            result -> onRolledOut(target, result));
    change.rollout = Optional.of(rollout);
    rollout.start();
  }

  private void onRolledOut(Generation target, Optional<String> failure) {
    if (failure.isEmpty()) {
      generations.replaceCurrent(target);
    } else if (generations.former().filter(target::equals).isEmpty()) {
      generations.discard(target); // one that was to be gone back to may be tried again
      generations.current().ifPresent(generations::closeListenersBut);
    }
    end(failure);
  }

  private void end(Optional<String> failure) {
    if (underWay.isEmpty()) {
      return;
    }
    Change change = underWay.get();
    underWay = Optional.empty();
    Duration time = Duration.ofNanos(System.nanoTime() - change.beginNanos);
    if (!monitor.isStopping()) {
      Event event =
          failure.isEmpty()
              ? Event.of(change.name + "-done")
              : Event.of(change.name + "-failed").withReason(failure.get());
      monitor
          .events()
          .tell(
              event
                  .with("gen", generations.current().map(Generation::number).orElse(0))
                  .with("time", time));
    }
    change.onEnd.accept(failure);
    generations.bootIfNeeded(); // put off meanwhile
  }

  /**
   * Replaces one worker by one of the same generation.
   *
   * @return why that is not possible, if so
   */
  Optional<String> replace(int id) {
    if (fleet.revive(id)) {
      return Optional.empty();
    }
    if (fleet.roster().servingAs(id).isEmpty()) {
      return Optional.of("there is no worker " + id);
    }
    if (monitor.isStopping() || underWay.isPresent() || single.containsKey(id)) {
      return Optional.of("worker %d is about to be replaced already".formatted(id));
    }
    Optional<Generation> current = generations.current();
    if (current.isEmpty()) {
      return Optional.of("there is no mold; another is being booted");
    }
    var replacement =
        new Replacement(
            fleet,
            id,
            current.get(),
            Replacement.Plan.of(options, Duration.ZERO, (worker, doors) -> worker.terminate()),
            failure -> {
              single.remove(id);
              failure.ifPresent(reason ->
                  monitor
                      .events()
                      .tell(Event.of("replace-failed").with("id", id).with("reason", reason)));
            });
    single.put(id, replacement);
    replacement.start();
    return Optional.empty();
  }

  /** A worker that served has died by itself. */
  void onDeath(Worker worker, ExitStatus status) {
    underWay
        .flatMap(change -> change.rollout)
        .ifPresent(rollout -> rollout.onDeath(worker.id(), worker.generation(), status.toString()));
  }

  /** A mold has ended. */
  void onMoldExit(int generation, ExitStatus status) {
    underWay
        .filter(change -> change.target.filter(it -> it.number() == generation).isPresent())
        .flatMap(change -> change.rollout)
        .ifPresent(rollout -> rollout.abort("its mold " + status));
  }

  /** Gives up what is under way, and takes it back. */
  void abort(String reason) {
    if (underWay.isEmpty()) {
      return;
    }
    Optional<Rollout> rollout = underWay.get().rollout;
    if (rollout.isPresent()) {
      rollout.get().abort(reason);
    } else {
      generations.cancelBoot(reason); // a refork goes on until there is something to roll out
    }
  }

  /** Everything is being stopped. */
  void cancel() {
    List.copyOf(single.values()).forEach(replacement -> replacement.cancel("it was stopped"));
    underWay.flatMap(change -> change.rollout).ifPresent(Rollout::cancel);
    end(Optional.of("it was stopped"));
  }
}
