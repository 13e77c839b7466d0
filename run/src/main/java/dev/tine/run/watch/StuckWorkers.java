package dev.tine.run.watch;

import dev.tine.run.Event;
import dev.tine.run.Status;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The workers that live and do not serve, by what was told of them: those that are about to be
 * replaced for it. One that is only reported still answers.
 */
public final class StuckWorkers implements Consumer<Event> {
  private final Set<String> pids = ConcurrentHashMap.newKeySet();

  /** Knows of none yet. */
  public StuckWorkers() {}

  @Override
  public void accept(Event event) {
    String pid = event.field("pid").orElse("");
    switch (event.name()) {
      case "worker-stuck" -> {
        if (event.field("action").orElse("").equals("replace")) {
          pids.add(pid);
        }
      }
      case "worker-recovered", "worker-exit" -> pids.remove(pid);
      default -> {
        // not about that
      }
    }
  }

  /** How many workers serve that are none of them. */
  public int serving(Status now) {
    return (int)
        now.processes().stream()
            .filter(process ->
                process.role().equals("worker") && !pids.contains(Integer.toString(process.pid())))
            .count();
  }
}
