package dev.tine.run;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * When a worker that has ended by itself is restarted, and when no more.
 *
 * @param maxRestarts of all workers together, for as long as the monitor runs; empty: any number
 * @param limit of each worker; empty: none
 * @param limitOfAll of all workers together; empty: none
 * @param permanentExits codes by which a program says that another start would end the same way
 * @param healthyAfter a worker that has lived so long is forgiven all that its predecessors did
 */
public record RestartPolicy(
    Optional<Integer> maxRestarts,
    Optional<RestartLimit> limit,
    Optional<RestartLimit> limitOfAll,
    Set<Integer> permanentExits,
    Duration healthyAfter,
    OnGiveUp onGiveUp) {

  /** Restarts for ever, later and later if a worker keeps dying early. */
  public static final RestartPolicy ALWAYS =
      new RestartPolicy(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Set.of(),
          Duration.ofSeconds(30),
          OnGiveUp.STOP_ALL);

  /** Copies the set. */
  public RestartPolicy {
    permanentExits = Set.copyOf(permanentExits);
  }
}
