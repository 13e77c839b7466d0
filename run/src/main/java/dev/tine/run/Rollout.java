package dev.tine.run;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * One generation takes over from another, worker by worker: first one, on probation, then the
 * others. If one fails, those that were replaced are replaced back.
 *
 * <p>For the loop's thread.
 */
final class Rollout {
  private final Fleet fleet;
  private final Generation target;
  private final Optional<Generation> former;
  private final Replacement.Plan plan;
  private final int surge;
  private final Consumer<Optional<String>> onEnd;
  private final Map<Integer, Replacement> running = new HashMap<>();
  private Optional<String> failure = Optional.empty();
  private boolean isCanaryDone;
  private boolean hasEnded;

  /**
   * Begins nothing yet.
   *
   * @param former what serves now, and to go back to
   * @param plan of the first successor; the others have no probation
   * @param surge how many successors may be under way at a time
   * @param onEnd is told once: why it failed and was taken back, or nothing
   */
  Rollout(
      Fleet fleet,
      Generation target,
      Optional<Generation> former,
      Replacement.Plan plan,
      int surge,
      Consumer<Optional<String>> onEnd) {
    this.fleet = fleet;
    this.target = target;
    this.former = former;
    this.plan = plan;
    this.surge = surge;
    this.onEnd = onEnd;
  }

  void start() {
    next();
  }

  private void next() {
    if (hasEnded) {
      return;
    }
    boolean isBack = failure.isPresent();
    int limit = isBack || isCanaryDone ? surge : 1;
    Optional<Generation> to = isBack ? former.filter(Generation::isAlive) : Optional.of(target);
    while (to.isPresent() && running.size() < limit) {
      OptionalInt id =
          isBack ? firstOfTarget() : fleet.firstNotOf(target.number(), running.keySet());
      if (id.isEmpty()) {
        break;
      }
      replace(id.getAsInt(), to.get(), isBack);
    }
    if (running.isEmpty()) {
      end();
    }
  }

  private OptionalInt firstOfTarget() {
    return fleet.serving().stream()
        .filter(worker -> worker.generation() == target.number())
        .mapToInt(Worker::id)
        .filter(id -> !running.containsKey(id))
        .findFirst();
  }

  private void replace(int id, Generation to, boolean isBack) {
    boolean isCanary = !isBack && !isCanaryDone;
    if (isCanary) {
      fleet
          .events()
          .tell(
              Event.of("canary")
                  .with("id", id)
                  .with("gen", to.number())
                  .with("probation", plan.probation()));
    }
    var itsPlan =
        isCanary
            ? plan
            : new Replacement.Plan(
                plan.readyPath(), plan.readyTimeout(), Duration.ZERO, plan.leaving());
    var replacement =
        new Replacement(fleet, id, to, itsPlan, result -> onReplaced(id, isBack, result));
    running.put(id, replacement);
    replacement.start();
  }

  private void onReplaced(int id, boolean isBack, Optional<String> result) {
    running.remove(id);
    if (hasEnded) {
      return;
    }
    if (result.isPresent() && isBack) {
      // It stays as it is: better than none.
      fleet.events().tell(Event.of("rollback-failed").with("id", id).with("reason", result.get()));
      hasEnded = true;
      onEnd.accept(failure);
      return;
    }
    if (result.isPresent() && failure.isEmpty()) {
      abort("worker %d of gen=%d: %s".formatted(id, target.number(), result.get()));
      return;
    }
    isCanaryDone = true;
    next();
  }

  /** A worker that serves has died by itself: not one of a generation that is to take over. */
  void onDeath(Worker worker, String status) {
    if (worker.generation() == target.number() && failure.isEmpty()) {
      abort(
          "worker %d of gen=%d, which served already, %s"
              .formatted(worker.id(), target.number(), status));
    }
  }

  /** Takes all back. */
  void abort(String reason) {
    if (hasEnded || failure.isPresent()) {
      return;
    }
    failure = Optional.of(reason);
    List.copyOf(running.values()).forEach(replacement -> replacement.cancel(reason));
    next();
  }

  /** The program is being stopped: nothing is taken back. */
  void cancel() {
    hasEnded = true;
    List.copyOf(running.values()).forEach(replacement -> replacement.cancel("it was stopped"));
    onEnd.accept(Optional.of("it was stopped"));
  }

  private void end() {
    if (!hasEnded) {
      hasEnded = true;
      onEnd.accept(failure);
    }
  }
}
