package dev.tine.run.watch;

import dev.tine.run.Event;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What has happened since the monitor began, counted by the ids of workers: a successor goes on
 * where its predecessor was. May be asked by any thread.
 */
public final class Counters implements Consumer<Event> {
  /** It ends by a signal of the monitor's. */
  private static final String STUCK = "stuck";

  private static final String[] CHANGES = {"reload", "rollback", "refork"};

  private final LongSupplier nanos;
  private final Map<List<String>, Long> counts = new TreeMap<>(Counters::compare);
  private final Histogram forks = new Histogram();
  private final Histogram gaps = new Histogram();
  private final Histogram handovers = new Histogram();
  private final Histogram drains = new Histogram();
  private final Histogram boots = new Histogram();

  /** By pid. */
  private final Map<String, Long> candidates = new HashMap<>();

  private final Map<String, Leaving> leaving = new HashMap<>();

  /** By id. */
  private final Map<String, String> serving = new HashMap<>();

  private final Map<String, Long> missing = new HashMap<>();
  private final Map<String, String> recycled = new HashMap<>();

  /** By generation. */
  private final Map<String, Long> booting = new HashMap<>();

  private String change = "";
  private int wanted = Integer.MAX_VALUE;
  private boolean isStopping;

  private record Leaving(long sinceNanos, boolean isLate) {}

  /**
   * @param nanos a clock, such as {@link System#nanoTime}
   */
  public Counters(LongSupplier nanos) {
    this.nanos = nanos;
  }

  private static int compare(List<String> one, List<String> other) {
    return String.join("\0", one).compareTo(String.join("\0", other));
  }

  /** The time that a mold has taken to make a worker. */
  public synchronized void forked(long took) {
    forks.observe(Duration.ofNanos(took));
  }

  @Override
  public synchronized void accept(Event event) {
    count("tine_events_total", event.name());
    String id = event.field("id").orElse("");
    String pid = event.field("pid").orElse("");
    switch (event.name()) {
      case "booting" -> booting.put(event.field("gen").orElse(""), nanos.getAsLong());
      case "frozen" -> observe(boots, booting.remove(event.field("gen").orElse("")));
      case "boot-failed" -> count("tine_boot_failures_total");
      case "mold-exit" -> count("tine_mold_exits_total");
      case "fork-failed" -> count("tine_fork_failures_total");
      case "candidate" -> candidates.put(pid, nanos.getAsLong());
      case "worker" -> onServing(id, pid);
      case "draining" -> onDraining(id, pid);
      case "drain-timeout" ->
          leaving.computeIfPresent(pid, (key, it) -> new Leaving(it.sinceNanos, true));
      case "worker-exit" -> onExit(id, pid, event.field("status").orElse(""));
      case "recycle" -> recycled.put(id, event.field("reason").orElse("recycle"));
      case "worker-stuck" -> onStuck(id, event.field("action").orElse(""));
      case "worker-recovered" -> recycled.remove(id, STUCK);
      case "scale" -> wanted = event.field("to").map(Integer::parseInt).orElse(wanted);
      case "stopping" -> isStopping = true;
      default -> onChange(event);
    }
  }

  private void onStuck(String id, String action) {
    if (!action.equals("report")) {
      recycled.put(id, STUCK);
    }
  }

  private void onServing(String id, String pid) {
    serving.put(id, pid);
    observe(gaps, missing.remove(id));
    observe(handovers, candidates.remove(pid));
  }

  private void onDraining(String id, String pid) {
    leaving.put(pid, new Leaving(nanos.getAsLong(), false));
    String recycling = recycled.remove(id);
    if (isStopping || Integer.parseInt(id) >= wanted) {
      return; // it has no successor
    }
    // Not one that was only on trial.
    if (candidates.remove(pid) == null) {
      String cause = !change.isEmpty() ? change : recycling != null ? recycling : "restart";
      count("tine_worker_restarts_total", id, cause);
    }
  }

  private void onExit(String id, String pid, String status) {
    Leaving left = leaving.remove(pid);
    boolean isCandidate = candidates.remove(pid) != null;
    boolean hasServed = serving.remove(id, pid);
    if (left != null) {
      drains.observe(Duration.ofNanos(nanos.getAsLong() - left.sinceNanos));
      count("tine_worker_exits_total", id, left.isLate ? "drain-timeout" : "drained");
    } else if (isCandidate) {
      count("tine_worker_exits_total", id, "candidate");
    } else {
      String cause = recycled.remove(id, STUCK) ? STUCK : causeOf(status);
      count("tine_worker_exits_total", id, cause);
      if (hasServed && !isStopping) {
        count("tine_worker_restarts_total", id, cause);
        missing.put(id, nanos.getAsLong());
      }
    }
  }

  private void onChange(Event event) {
    for (String name : CHANGES) {
      if (event.name().equals(name)) {
        change = name;
      } else if (event.name().startsWith(name + "-") && event.field("id").isEmpty()) {
        String result = event.name().substring(name.length() + 1);
        count("tine_changes_total", name, result);
        if (!result.equals("refused")) {
          change = "";
        }
      }
    }
  }

  /** {@code SIGKILL}, {@code exit-1}. */
  static String causeOf(String status) {
    if (status.startsWith("killed by ")) {
      return status.substring("killed by ".length()).replaceAll(" .*", "");
    }
    return status.startsWith("exited with status ")
        ? "exit-" + status.substring("exited with status ".length())
        : "unknown";
  }

  private void observe(Histogram histogram, @Nullable Long since) {
    if (since != null) {
      histogram.observe(Duration.ofNanos(nanos.getAsLong() - since));
    }
  }

  private void count(String... nameAndLabels) {
    counts.merge(List.of(nameAndLabels), 1L, Long::sum);
  }

  /** The sum of all counts of a metric. */
  synchronized long sum(String name) {
    return counts.entrySet().stream()
        .filter(entry -> entry.getKey().getFirst().equals(name))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  synchronized void writeTo(Exposition out) {
    family(
        out,
        "tine_worker_restarts_total",
        "Workers that got a successor, by cause.",
        "id",
        "cause");
    family(out, "tine_worker_exits_total", "Worker processes that ended, by cause.", "id", "cause");
    family(
        out, "tine_changes_total", "Reloads, rollbacks and reforks, by result.", "kind", "result");
    family(out, "tine_boot_failures_total", "Boots in the background that failed.");
    family(out, "tine_mold_exits_total", "Molds that died.");
    family(out, "tine_fork_failures_total", "Workers that could not be forked.");
    family(out, "tine_events_total", "Lines of the log of events, by name.", "event");
    histogram(out, "tine_fork_seconds", "From the order to a worker that runs.", forks);
    histogram(
        out, "tine_gap_seconds", "From the death of a worker until its successor serves.", gaps);
    histogram(
        out,
        "tine_handover_seconds",
        "From the fork of a successor until it serves in the place of its predecessor.",
        handovers);
    histogram(out, "tine_drain_seconds", "From the last accept of a worker until its end.", drains);
    histogram(out, "tine_boot_seconds", "From the start of a program until its mold.", boots);
  }

  private static void histogram(Exposition out, String name, String help, Histogram histogram) {
    out.metric(name, "histogram", help);
    histogram.writeTo(out, name);
  }

  private void family(Exposition out, String name, String help, String... labels) {
    out.metric(name, "counter", help);
    if (labels.length == 0) {
      out.sample(name, counts.getOrDefault(List.of(name), 0L));
      return;
    }
    counts.forEach((key, value) -> {
      if (key.getFirst().equals(name)) {
        String[] pairs = new String[2 * labels.length];
        for (int i = 0; i < labels.length; i++) {
          pairs[2 * i] = labels[i];
          pairs[2 * i + 1] = key.get(i + 1);
        }
        out.sample(name, value, pairs);
      }
    });
  }
}
