package dev.tine.benchmarks.peers;

import dev.tine.benchmarks.client.Load;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The peers of one program, measured by turns: A B C, then C B A. */
public final class Contest implements AutoCloseable {
  private static final Set<Load> LOADS = Set.of(Load.SHORT_SATURATED, Load.KEPT_SATURATED);

  private final Plan plan;
  private final List<Trial> trials;
  private final Map<Trial, String> failures = new LinkedHashMap<>();
  private final Consumer<String> progress;

  private interface Step {
    void of(Trial trial) throws IOException, InterruptedException;
  }

  /** Of these peers; those that are absent are only told of. */
  public Contest(List<Peer> peers, Plan plan, Consumer<String> progress) {
    this.plan = plan;
    this.progress = progress;
    this.trials = peers.stream().map(Trial::new).toList();
  }

  /** Measures. A peer that fails is told of, and left out from then on. */
  public void run() throws InterruptedException {
    each(
        "start",
        plan.starts(),
        trial -> {
          trial.start();
          if (trial.peer.kind() == Peer.Kind.START_ONLY) {
            trial.close();
          }
        });
    each("memory", 1, trial -> ifServing(trial, it -> it.measureMemory(plan.requests())));
    for (Load load : Load.values()) {
      if (LOADS.contains(load)) {
        each(
            load.toString(),
            plan.rounds(),
            trial -> ifServing(trial, it -> it.load(load, plan.time())));
      }
    }
    for (int i = 0; i < plan.kills(); i++) {
      int done = i;
      each(
          "kill " + (i + 1),
          1,
          trial ->
              ifServing(
                  trial,
                  it -> {
                    if (done < plan.kills(it.peer)) {
                      it.kill();
                    }
                  }));
    }
    each(
        "reload",
        plan.reloads(),
        trial ->
            ifServing(
                trial,
                it -> {
                  if (it.peer.canReload()) {
                    it.reload();
                  }
                }));
  }

  private static void ifServing(Trial trial, Step step) throws IOException, InterruptedException {
    if (trial.peer.kind() != Peer.Kind.START_ONLY) {
      step.of(trial);
    }
  }

  private void each(String what, int rounds, Step step) throws InterruptedException {
    for (int round = 0; round < rounds; round++) {
      List<Trial> order = new ArrayList<>(trials);
      for (Trial trial : round % 2 == 0 ? order : order.reversed()) {
        if (trial.peer.kind() == Peer.Kind.ABSENT || failures.containsKey(trial)) {
          continue;
        }
        progress.accept("%s: %s ...".formatted(trial.peer.name(), what));
        try {
          step.of(trial);
        } catch (IOException | IllegalStateException e) {
          failures.put(trial, what + ": " + e.getMessage());
          trial.close();
        }
      }
    }
  }

  /** What came of it, in the order of the peers. */
  public List<Outcome> outcomes() {
    return trials.stream()
        .map(trial -> new Outcome(trial, failures.getOrDefault(trial, "")))
        .toList();
  }

  @Override
  public void close() {
    trials.forEach(Trial::close);
  }
}
