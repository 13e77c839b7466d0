package dev.tine.benchmarks.peers;

import dev.tine.benchmarks.Report;
import dev.tine.benchmarks.Samples;
import dev.tine.benchmarks.client.Load;
import java.util.Locale;
import java.util.Optional;

/** What was measured of a peer, for people and for programs. */
public final class Outcome {
  /** Of the lines. */
  public static final String HEAD =
      """
                                start ms        successor ms         reload        failed   PSS MB |   short connections      |   kept connections
      peer                      first     all    p50    p99    max    s             of sent  /worker |   /s  p99 ms  max/mean   |   /s  p99 ms  max/mean\
      """;

  private static final double MILLION = 1e6;

  private final Trial trial;
  private final String failure;

  Outcome(Trial trial, String failure) {
    this.trial = trial;
    this.failure = failure;
  }

  /** Whether it went wrong. */
  public boolean hasFailed() {
    return !failure.isEmpty();
  }

  /** A line; medians. */
  @Override
  public String toString() {
    Peer peer = trial.peer;
    if (peer.kind() == Peer.Kind.ABSENT) {
      return "%-24s %s".formatted(peer.name(), peer.note());
    }
    return String.format(
            Locale.ROOT,
            "%-24s %6s %7s %6s %6s %6s %6s %15s %8s | %s | %s",
            peer.name(),
            millis(trial.firstAnswer, 50),
            millis(trial.allAnswer, 50),
            millis(trial.successor, 50),
            millis(trial.successor, 99),
            millis(trial.successor, 100),
            trial.reload.count() == 0
                ? "-"
                : String.format(Locale.ROOT, "%.1f", trial.reload.median() / 1e9),
            trial.reload.count() == 0 ? "-" : trial.failedInReload + "/" + trial.sentInReload,
            Double.isNaN(trial.pssMegabytes)
                ? "-"
                : Math.round(trial.pssMegabytes / peer.workers()),
            load(Load.SHORT_SATURATED),
            load(Load.KEPT_SATURATED))
        + (failure.isEmpty() ? "" : "%n  FAILED %s".formatted(failure));
  }

  private static String millis(Samples samples, int percent) {
    return samples.count() == 0
        ? "-"
        : String.format(Locale.ROOT, "%.0f", samples.percentile(percent) / MILLION);
  }

  private String load(Load load) {
    return Optional.ofNullable(trial.loads.get(load))
        .map(series ->
            String.format(
                Locale.ROOT,
                "%6d %7.1f %9.2f %s",
                series.rates().median(),
                series.p99().median() / MILLION,
                series.most().median() / 1000.0,
                series.failed().percentile(100) == 0 ? "" : "FAILED"))
        .orElse("     -       -         - ");
  }

  /** Adds rows. */
  public void addTo(Report report) {
    Peer peer = trial.peer;
    row(report, "peer")
        .with("workers", peer.workers())
        .with("command", inTree(peer.commandLine()))
        .with("reload_command", inTree(String.join(" ", peer.reload())))
        .with("note", peer.note())
        .with("is_measured", peer.kind() == Peer.Kind.ABSENT ? "no" : "yes")
        .with("failure", failure);
    if (peer.kind() == Peer.Kind.ABSENT) {
      return;
    }
    row(report, "start")
        .spread("first_answer", trial.firstAnswer, "ms", MILLION)
        .spread("all_answer", trial.allAnswer, "ms", MILLION);
    if (trial.successor.count() > 0) {
      row(report, "successor")
          .spread("answered", trial.successor, "ms", MILLION)
          .with("answered_p99_ms", trial.successor.percentile(99) / MILLION);
    }
    if (trial.reload.count() > 0) {
      row(report, "reload")
          .spread("took", trial.reload, "ms", MILLION)
          .with("requests_sent", trial.sentInReload)
          .with("requests_failed", trial.failedInReload);
    }
    if (!Double.isNaN(trial.pssMegabytes)) {
      row(report, "memory")
          .with("pss_mb", trial.pssMegabytes)
          .with("pss_per_worker_mb", trial.pssMegabytes / peer.workers());
    }
    trial.loads.forEach((load, series) ->
        row(report, "load")
            .with("load", load.toString())
            .spread("requests", series.rates(), "per_s", 1)
            .spread("p99", series.p99(), "ms", MILLION)
            .spread("max_to_mean", series.most(), "x", 1000)
            .spread("min_to_mean", series.least(), "x", 1000)
            .with("requests_failed_max", series.failed().percentile(100)));
  }

  private Report row(Report report, String measured) {
    return report
        .row(measured)
        .with("program", trial.peer.program())
        .with("peer", trial.peer.name());
  }

  /** As it would be typed in the source tree, wherever that is. */
  private static String inTree(String command) {
    return command.replace(System.getProperty("tine.benchmarks.root") + "/", "");
  }
}
