package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class RolloutTest {
  private static final Duration PROBATION = Duration.ofSeconds(5);
  private static final Optional<String> DONE = Optional.empty();

  private final FakeCrew crew = new FakeCrew();
  private final List<Optional<String>> ends = new ArrayList<>();

  /** Workers that are numbers, replaced when a test says so. */
  private static final class FakeCrew implements Rollout.Crew {
    private final Map<Integer, Integer> generations = new TreeMap<>(Map.of(0, 1, 1, 1, 2, 1));
    private final Map<Integer, Consumer<Optional<String>>> running = new TreeMap<>();
    private final Map<Integer, Boolean> back = new TreeMap<>();
    private final List<String> log = new ArrayList<>();
    private boolean canGoBack = true;

    private OptionalInt first(IntPredicate which, Collection<Integer> without) {
      return generations.entrySet().stream()
          .filter(worker -> which.test(worker.getValue()) && !without.contains(worker.getKey()))
          .mapToInt(Map.Entry::getKey)
          .findFirst();
    }

    @Override
    public OptionalInt firstNotOf(int generation, Collection<Integer> without) {
      return first(its -> its != generation, without);
    }

    @Override
    public OptionalInt firstOf(int generation, Collection<Integer> without) {
      return first(its -> its == generation, without);
    }

    @Override
    public boolean canGoBack() {
      return canGoBack;
    }

    @Override
    public Rollout.Running replace(
        int id, Duration probation, boolean isBack, Consumer<Optional<String>> onEnd) {
      log.add((isBack ? "back " : "replace ") + id + (probation.isZero() ? "" : " on probation"));
      running.put(id, onEnd);
      back.put(id, isBack);
      return reason -> {
        log.add("cancel " + id);
        cancelled.add(() -> finish(id, Optional.of(reason)));
      };
    }

    private final List<Runnable> cancelled = new ArrayList<>();

    @Override
    public void tell(Event event) {
      log.add(event.line());
    }

    /** Told on the loop, and not within the call that caused it. */
    private void runCancelled() {
      List<Runnable> now = List.copyOf(cancelled);
      cancelled.clear();
      now.forEach(Runnable::run);
    }

    private void finish(int id, Optional<String> result) {
      if (result.isEmpty()) {
        generations.put(id, Boolean.TRUE.equals(back.get(id)) ? 1 : 2);
      }
      Consumer<Optional<String>> onEnd = running.remove(id);
      if (onEnd != null) {
        onEnd.accept(result);
      }
    }
  }

  private Rollout start(int surge) {
    var rollout = new Rollout(crew, 2, PROBATION, surge, ends::add);
    rollout.start();
    return rollout;
  }

  @Test
  void shouldReplaceOneOnProbationAndThenTheOthersOneByOne() {
    start(1);
    assertThat(crew.log)
        .containsExactly("canary id=0 gen=2 probation=5.0s", "replace 0 on probation");
    crew.finish(0, DONE);
    crew.finish(1, DONE);
    assertThat(ends).isEmpty();
    crew.finish(2, DONE);
    assertThat(crew.log).endsWith("replace 0 on probation", "replace 1", "replace 2");
    assertThat(ends).containsExactly(DONE);
  }

  @Test
  void shouldReplaceAsManyAtATimeAsItMayWhenTheCanaryIsDone() {
    start(2);
    assertThat(crew.running).containsOnlyKeys(0);
    crew.finish(0, DONE);
    assertThat(crew.running).containsOnlyKeys(1, 2);
    crew.finish(2, DONE);
    crew.finish(1, DONE);
    assertThat(ends).containsExactly(DONE);
  }

  @Test
  void shouldChangeNothingWhenTheCanaryFails() {
    start(3);
    crew.finish(0, Optional.of("GET /: answers 503"));
    assertThat(ends).containsExactly(Optional.of("worker 0 of gen=2: GET /: answers 503"));
    assertThat(crew.running).isEmpty();
    assertThat(crew.generations).containsOnly(Map.entry(0, 1), Map.entry(1, 1), Map.entry(2, 1));
  }

  @Test
  void shouldReplaceBackWhatWasReplacedWhenALaterOneFails() {
    start(1);
    crew.finish(0, DONE);
    crew.finish(1, DONE);
    crew.finish(2, Optional.of("dies"));
    assertThat(ends).isEmpty();
    crew.finish(0, DONE);
    crew.finish(1, DONE);
    assertThat(crew.log).endsWith("replace 2", "back 0", "back 1");
    assertThat(crew.generations).containsOnly(Map.entry(0, 1), Map.entry(1, 1), Map.entry(2, 1));
    assertThat(ends).containsExactly(Optional.of("worker 2 of gen=2: dies"));
  }

  @Test
  void shouldTakeAllBackWhenAWorkerThatServesAlreadyDies() {
    Rollout rollout = start(1);
    crew.finish(0, DONE);
    rollout.onDeath(2, 1, "killed by SIGKILL"); // of the former generation: it has a successor
    assertThat(crew.log).doesNotContain("cancel 1");
    rollout.onDeath(0, 2, "exited with status 3");
    crew.runCancelled();
    crew.finish(0, DONE);
    assertThat(crew.log).endsWith("replace 1", "cancel 1", "back 0");
    assertThat(ends)
        .containsExactly(
            Optional.of("worker 0 of gen=2, which served already, exited with status 3"));
  }

  @Test
  void shouldLeaveThoseThatCannotBeReplacedBack() {
    start(1);
    crew.finish(0, DONE);
    crew.finish(1, Optional.of("dies"));
    crew.finish(0, Optional.of("no memory"));
    assertThat(crew.log).endsWith("back 0", "rollback-failed id=0 reason=\"no memory\"");
    assertThat(ends).containsExactly(Optional.of("worker 1 of gen=2: dies"));
  }

  @Test
  void shouldNotGoBackToWhatIsGone() {
    start(1);
    crew.finish(0, DONE);
    crew.canGoBack = false;
    crew.finish(1, Optional.of("dies"));
    assertThat(crew.running).isEmpty();
    assertThat(ends).containsExactly(Optional.of("worker 1 of gen=2: dies"));
  }

  @Test
  void shouldGiveUpOnceAndTellOnce() {
    Rollout rollout = start(1);
    rollout.abort("interrupted");
    rollout.abort("its mold killed by SIGKILL");
    crew.runCancelled();
    rollout.abort("late");
    assertThat(ends).containsExactly(Optional.of("interrupted"));
    assertThat(crew.running).isEmpty();
  }

  @Test
  void shouldTakeNothingBackWhenTheProgramIsStopped() {
    Rollout rollout = start(1);
    crew.finish(0, DONE);
    rollout.cancel();
    crew.runCancelled();
    assertThat(ends).containsExactly(Optional.of("it was stopped"));
    assertThat(crew.log).endsWith("replace 1", "cancel 1");
  }

  @Test
  void shouldEndAtOnceWhenAllAreOfTheTarget() {
    crew.generations.replaceAll((id, generation) -> 2);
    start(1);
    assertThat(crew.log).isEmpty();
    assertThat(ends).containsExactly(DONE);
  }
}
