package dev.tine.run;

import java.time.Duration;
import java.util.Collection;
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
 * <p>For the loop's thread. It decides, and {@link Crew} does it.
 */
final class Rollout {
  private final Crew crew;
  private final int target;
  private final Duration probation;
  private final int surge;
  private final Consumer<Optional<String>> onEnd;
  private final Map<Integer, Running> running = new HashMap<>();
  private Optional<String> failure = Optional.empty();
  private boolean isCanaryDone;
  private boolean hasEnded;

  /** The workers, and who replaces them. */
  interface Crew {
    /** The first id whose worker is of another generation. */
    OptionalInt firstNotOf(int generation, Collection<Integer> without);

    /** The first id whose worker is of this one. */
    OptionalInt firstOf(int generation, Collection<Integer> without);

    /** Whether workers of the former generation can still be made. */
    boolean canGoBack();

    /**
     * Begins to replace a worker.
     *
     * @param probation of its successor; nothing: none
     * @param isBack by one of the former generation
     * @param onEnd is told once, but not within this call: why it failed, or nothing
     */
    Running replace(int id, Duration probation, boolean isBack, Consumer<Optional<String>> onEnd);

    void tell(Event event);
  }

  /** A worker that is being replaced. */
  interface Running {
    /** Gives up, unless it is too late; told as its end. */
    void cancel(String reason);
  }

  /**
   * Begins nothing yet.
   *
   * @param target number of the generation that takes over
   * @param probation of the first successor; the others have none
   * @param surge how many successors may be under way at a time
   * @param onEnd is told once: why it failed and was taken back, or nothing
   */
  Rollout(Crew crew, int target, Duration probation, int surge, Consumer<Optional<String>> onEnd) {
    this.crew = crew;
    this.target = target;
    this.probation = probation;
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
    while (running.size() < limit && (!isBack || crew.canGoBack())) {
      OptionalInt id =
          isBack
              ? crew.firstOf(target, running.keySet())
              : crew.firstNotOf(target, running.keySet());
      if (id.isEmpty()) {
        break;
      }
      replace(id.getAsInt(), isBack);
    }
    if (running.isEmpty()) {
      end();
    }
  }

  private void replace(int id, boolean isBack) {
    boolean isCanary = !isBack && !isCanaryDone;
    if (isCanary) {
      crew.tell(Event.of("canary").with("id", id).with("gen", target).with("probation", probation));
    }
    running.put(
        id,
        crew.replace(
            id,
            isCanary ? probation : Duration.ZERO,
            isBack,
            result -> onReplaced(id, isBack, result)));
  }

  private void onReplaced(int id, boolean isBack, Optional<String> result) {
    running.remove(id);
    if (hasEnded) {
      return;
    }
    if (result.isPresent() && isBack) {
      // It stays as it is: better than none.
      crew.tell(Event.of("rollback-failed").with("id", id).with("reason", result.get()));
      end();
      return;
    }
    if (result.isPresent() && failure.isEmpty()) {
      abort("worker %d of gen=%d: %s".formatted(id, target, result.get()));
      return;
    }
    isCanaryDone = true;
    next();
  }

  /** A worker that serves has died by itself: not one of a generation that is to take over. */
  void onDeath(int id, int generation, String status) {
    if (generation == target && failure.isEmpty()) {
      abort("worker %d of gen=%d, which served already, %s".formatted(id, target, status));
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
