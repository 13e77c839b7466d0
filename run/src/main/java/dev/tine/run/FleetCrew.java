package dev.tine.run;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The fleet, as a rollout knows it.
 *
 * @param former what serves now, and to go back to
 * @param plan of each successor, but for its probation
 */
record FleetCrew(Fleet fleet, Generation target, Optional<Generation> former, Replacement.Plan plan)
    implements Rollout.Crew {
  @Override
  public OptionalInt firstNotOf(int generation, Collection<Integer> without) {
    return first(worker -> worker.generation() != generation, without);
  }

  @Override
  public OptionalInt firstOf(int generation, Collection<Integer> without) {
    return first(worker -> worker.generation() == generation, without);
  }

  private OptionalInt first(Predicate<Worker> which, Collection<Integer> without) {
    return fleet.roster().serving().stream()
        .filter(which)
        .mapToInt(Worker::id)
        .filter(id -> !without.contains(id))
        .findFirst();
  }

  @Override
  public boolean canGoBack() {
    return former.filter(Generation::isAlive).isPresent();
  }

  @Override
  public Rollout.Running replace(
      int id, Duration probation, boolean isBack, Consumer<Optional<String>> onEnd) {
    var its =
        new Replacement.Plan(plan.readyPath(), plan.readyTimeout(), probation, plan.leaving());
    var replacement =
        new Replacement(fleet, id, isBack ? former.orElseThrow() : target, its, onEnd);
    replacement.start();
    return replacement;
  }

  @Override
  public void tell(Event event) {
    fleet.log().events().tell(event);
  }
}
