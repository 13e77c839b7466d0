package dev.tine.run;

import dev.tine.fork.ExitStatus;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Whether and when a worker that has ended by itself has a successor: at once; later if it keeps
 * dying early; never if the {@link RestartPolicy} has been exceeded. Pure: the clock and the dice
 * are handed in.
 *
 * <p>Of a worker three ages are told apart. One that dies early doubles the delay of its successor.
 * One that becomes healthy is forgiven everything. In between the delay stays what it was: a worker
 * that comes as far as its first request and dies of it gains nothing by that.
 */
final class Restarts {
  /** A worker that lives shorter has not served. */
  static final Duration EARLY = Duration.ofSeconds(1);

  private static final Duration FIRST_DELAY = Duration.ofMillis(100);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(10);

  /** Which part of a delay is left to chance, or workers that died together would return so. */
  private static final double JITTER = 0.2;

  private final RestartPolicy policy;
  private final LongSupplier nanoClock;
  private final DoubleSupplier random;
  private final Map<Integer, History> histories = new HashMap<>();
  private final Deque<Long> restartsOfAll = new ArrayDeque<>();
  private final Set<Integer> down = new HashSet<>();

  /** By id; what is forgiven stays counted. */
  private final Map<Integer, Integer> counts = new HashMap<>();

  private int countOfAll;

  /** What is known of the workers of one id. */
  private static final class History {
    private final Deque<Long> restarts = new ArrayDeque<>();
    private Duration delay = Duration.ZERO;
  }

  /**
   * @param nanoClock as {@link System#nanoTime}
   * @param random from 0 to 1
   */
  Restarts(RestartPolicy policy, LongSupplier nanoClock, DoubleSupplier random) {
    this.policy = policy;
    this.nanoClock = nanoClock;
    this.random = random;
  }

  /** What is to be done about a worker that has ended. */
  sealed interface Decision {
    /** Make its successor after a time, which may be zero. */
    record Restart(Duration delay) implements Decision {}

    /** Leave its place empty. */
    record StopId(Reason why) implements Decision {}

    /** Leave its place empty, and want one worker less. */
    record Degrade(Reason why) implements Decision {}

    /** Stop everything. */
    record StopAll(Reason why) implements Decision {}
  }

  /**
   * Why a worker is given up.
   *
   * @param rule the option that says so
   * @param text what has happened
   */
  record Reason(String rule, String text) {}

  /**
   * Decides about a worker that has ended without having been asked to.
   *
   * @param wanted how many workers there are to be
   */
  Decision onExit(int id, ExitStatus status, Duration age, int wanted) {
    History history = histories.computeIfAbsent(id, _ -> new History());
    Optional<Reason> tooMuch = reasonToGiveUp(history, status);
    if (tooMuch.isPresent()) {
      return giveUp(id, tooMuch.get(), wanted);
    }
    counts.merge(id, 1, Integer::sum);
    countOfAll++;
    long now = nanoClock.getAsLong();
    policy.limit().ifPresent(_ -> history.restarts.add(now)); // isReached() removes them
    policy.limitOfAll().ifPresent(_ -> restartsOfAll.add(now));
    if (age.compareTo(policy.healthyAfter()) >= 0) {
      history.delay = Duration.ZERO;
    } else if (age.compareTo(EARLY) < 0) {
      history.delay = longer(history.delay);
    }
    double part = 1 - JITTER * random.getAsDouble();
    return new Decision.Restart(Duration.ofNanos((long) (history.delay.toNanos() * part)));
  }

  /**
   * Whether a worker that is about to end will have a successor at once, however it ends. Changes
   * nothing: {@link #onExit} follows.
   */
  boolean isCertain(int id, Duration age) {
    History history = histories.computeIfAbsent(id, _ -> new History());
    return policy.permanentExits().isEmpty()
        && history.delay.isZero()
        && age.compareTo(EARLY) >= 0
        && reasonToGiveUp(history, new ExitStatus.Unknown("it is not over")).isEmpty();
  }

  private Optional<Reason> reasonToGiveUp(History history, ExitStatus status) {
    if (status instanceof ExitStatus.Exited(int code) && policy.permanentExits().contains(code)) {
      return Optional.of(new Reason("permanent-exit", "it exited with status " + code));
    }
    if (policy.maxRestarts().filter(most -> countOfAll >= most).isPresent()) {
      return Optional.of(new Reason("max-restarts", countOfAll + " restarts"));
    }
    return policy
        .limit()
        .filter(limit -> isReached(limit, history.restarts))
        .map(limit -> reasonOf("restart-limit", limit))
        .or(() ->
            policy
                .limitOfAll()
                .filter(limit -> isReached(limit, restartsOfAll))
                .map(limit -> reasonOf("restart-limit-all", limit)));
  }

  private static Reason reasonOf(String rule, RestartLimit limit) {
    return new Reason(
        rule, "%d restarts within %d s".formatted(limit.count(), limit.period().toSeconds()));
  }

  private boolean isReached(RestartLimit limit, Deque<Long> restarts) {
    long now = nanoClock.getAsLong();
    while (!restarts.isEmpty() && now - restarts.getFirst() > limit.period().toNanos()) {
      restarts.removeFirst();
    }
    return restarts.size() >= limit.count();
  }

  private Decision giveUp(int id, Reason why, int wanted) {
    down.add(id);
    if (policy.onGiveUp() == OnGiveUp.STOP_ALL) {
      return new Decision.StopAll(why);
    }
    if (down.size() >= wanted) {
      return new Decision.StopAll(new Reason(why.rule(), why.text() + ", and no worker is left"));
    }
    return policy.onGiveUp() == OnGiveUp.DEGRADE
        ? new Decision.Degrade(why)
        : new Decision.StopId(why);
  }

  private static Duration longer(Duration delay) {
    Duration next = delay.isZero() ? FIRST_DELAY : delay.multipliedBy(2);
    return next.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : next;
  }

  /** How often a worker of this id was to have a successor. */
  int count(int id) {
    return counts.getOrDefault(id, 0);
  }

  /** Whether a worker was given up, and has no successor until it is forgiven. */
  boolean isDown(int id) {
    return down.contains(id);
  }

  /** How many workers fewer are wanted because some were given up. */
  int degraded() {
    return policy.onGiveUp() == OnGiveUp.DEGRADE ? down.size() : 0;
  }

  /** Forgets what the workers of an id have done: somebody wants it to be tried again. */
  void forgive(int id) {
    histories.remove(id);
    down.remove(id);
  }

  /** The same for all: there is another program, or somebody looks after it. */
  void forgiveAll() {
    histories.clear();
    restartsOfAll.clear();
    down.clear();
  }
}
