package dev.tine.run;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Replaces workers that have become old or large, or have done much. Limits differ by some percent
 * from worker to worker, or all would come to theirs at once.
 *
 * <p>For the loop's thread.
 */
final class Recycling {
  private static final Duration TICK = Duration.ofSeconds(1);

  /** Reading it walks the worker's memory. */
  private static final int TICKS_TO_PSS = 10;

  private static final double JITTER = 0.1;

  private final Fleet fleet;
  private final Changes changes;
  private final RolloutOptions options;
  private final Map<Integer, Double> factors = new HashMap<>();
  private int tick;

  Recycling(Fleet fleet, Changes changes, RolloutOptions options) {
    this.fleet = fleet;
    this.changes = changes;
    this.options = options;
  }

  void start() {
    if (options.maxAge().isPresent()
        || options.maxRequests().isPresent()
        || options.maxPssBytes().isPresent()) {
      fleet.loop().after(TICK, this::look);
    }
  }

  private void look() {
    boolean isPssDue = ++tick % TICKS_TO_PSS == 0;
    factors.keySet().retainAll(fleet.roster().serving().stream().map(Worker::pid).toList());
    for (Worker worker : fleet.roster().serving()) {
      if (changes.isUnderWay() || changes.singleCount() >= options.maxSurge()) {
        break;
      }
      reason(worker, isPssDue)
          .ifPresent(reason -> {
            if (changes.replace(worker.id()).isEmpty()) {
              fleet
                  .log()
                  .events()
                  .tell(
                      Event.of("recycle")
                          .with("id", worker.id())
                          .with("pid", worker.pid())
                          .with("reason", reason));
            }
          });
    }
    fleet.loop().after(TICK, this::look);
  }

  private Optional<String> reason(Worker worker, boolean isPssDue) {
    // By its pid: another worker of the same id has a limit of its own.
    double factor =
        factors.computeIfAbsent(
            worker.pid(), pid -> 1 + ThreadLocalRandom.current().nextDouble(-JITTER, JITTER));
    if (options
        .maxAge()
        .filter(limit -> worker.child().age().toMillis() > limit.toMillis() * factor)
        .isPresent()) {
      return Optional.of("max-age");
    }
    if (options.maxRequests().isPresent()
        && worker.requests() > options.maxRequests().getAsLong() * factor) {
      return Optional.of("max-requests");
    }
    if (isPssDue
        && options.maxPssBytes().isPresent()
        && Usage.of(worker.pid()).pssBytes() > options.maxPssBytes().getAsLong() * factor) {
      return Optional.of("max-pss");
    }
    return Optional.empty();
  }
}
