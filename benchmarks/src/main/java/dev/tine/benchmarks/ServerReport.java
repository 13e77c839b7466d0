package dev.tine.benchmarks;

import dev.tine.benchmarks.client.Memory;
import dev.tine.benchmarks.server.Curve;
import dev.tine.benchmarks.server.Footprint;
import dev.tine.benchmarks.server.Growth;
import dev.tine.benchmarks.server.Recovery;
import dev.tine.benchmarks.server.Throughput;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What {@code run-server} prints and reports of each of its measurements, beside the targets. */
final class ServerReport {
  static final int SMALL_CACHE_MB = 4;

  private static final double TARGET_RECOVERY_MS = 20;
  private static final double TARGET_FIRST = 0.95;
  private static final double TARGET_FORKED = 1.2;
  private static final double TARGET_SERVED = 0.7;
  private static final double TARGET_SERVED_CACHE = 0.4;
  private static final double TARGET_THROUGHPUT = 0.97;

  private final Report report;

  ServerReport(Report report) {
    this.report = report;
  }

  /**
   * What is varied in memory.
   *
   * @param flags JVM options with spaces between; or {@value #NO_FLAGS}
   */
  record Setting(String collector, int cacheMb, String flags) {
    private static final String NO_FLAGS = "none";

    boolean hasFlags() {
      return !flags.equals(NO_FLAGS);
    }

    @Override
    public String toString() {
      return "%s, %d MB cache%s".formatted(collector, cacheMb, hasFlags() ? ", " + flags : "");
    }
  }

  void recovery(int kills, Recovery result) {
    double p99 = result.accepted().percentile(99) / 1e6;
    Target target =
        Target.atMost(
            TARGET_RECOVERY_MS,
            "ms",
            "from kill -9 to the successor's first accepted connection, p99",
            p99);
    System.out.printf("%nrecovery, %d kills (ms)        p50     p99     max%n", kills);
    recoveryLine("successor has accepted", result.accepted());
    recoveryLine("successor has answered", result.answered());
    recoveryLine("monitor has told of both", result.told());
    recoveryLine("cold start, answered", result.coldStart());
    System.out.printf(
        Locale.ROOT,
        "  target: p99 of accepted <= %.0f %s%n",
        TARGET_RECOVERY_MS,
        target.verdict());
    report
        .row("recovery")
        .with("kills", kills)
        .spread("accepted", result.accepted(), "ms", 1e6)
        .with("accepted_p99_ms", p99)
        .spread("answered", result.answered(), "ms", 1e6)
        .with("answered_p99_ms", result.answered().percentile(99) / 1e6)
        .spread("told", result.told(), "ms", 1e6)
        .with("told_p99_ms", result.told().percentile(99) / 1e6)
        .spread("cold_start", result.coldStart(), "ms", 1e6);
    target.addTo(report);
  }

  private static void recoveryLine(String what, Samples samples) {
    System.out.printf(
        Locale.ROOT,
        "  %-24s %7.1f %7.1f %7.1f%n",
        what,
        samples.median() / 1e6,
        samples.percentile(99) / 1e6,
        samples.percentile(100) / 1e6);
  }

  void curve(int rounds, Curve curve) {
    System.out.printf("%nrequests/s in each second, %d rounds%n", rounds);
    for (Curve.Kind kind : Curve.Kind.values()) {
      List<Long> seconds = curve.seconds(kind);
      double ratio = (double) seconds.getFirst() / seconds.getLast();
      Target target =
          Target.atLeast(
              TARGET_FIRST, "", "requests/s of a forked worker, first second / last", ratio);
      System.out.printf(
          Locale.ROOT,
          "  %-12s first/last %.2f%s:%s%n",
          kind.name().toLowerCase(Locale.ROOT).replace('_', ' '),
          ratio,
          kind == Curve.Kind.FORKED_WARM
              ? ", target: >= %.2f %s".formatted(TARGET_FIRST, target.verdict())
              : "",
          seconds.stream().map(each -> " " + each).collect(Collectors.joining()));
      if (kind == Curve.Kind.FORKED_WARM) {
        target.addTo(report);
      }
      List<Samples> points = curve.of(kind);
      for (int i = 0; i < points.size(); i++) {
        report
            .row("curve")
            .with("kind", kind.name().toLowerCase(Locale.ROOT))
            .with("until_s", Curve.endSeconds(i))
            .spread("requests", points.get(i), "per_s", 1);
      }
    }
  }

  void growth(List<Growth> growths) {
    System.out.printf("%nPSS (MB)   at fork   served   as many JVMs%n");
    for (Growth growth : growths) {
      System.out.printf(
          Locale.ROOT,
          "%2d workers  %8.0f %8.0f %14.0f%n",
          growth.workers(),
          growth.forked(),
          growth.served(),
          growth.plain());
      report
          .row("growth")
          .with("workers", growth.workers())
          .with("forked_pss_mb", growth.forked())
          .with("served_pss_mb", growth.served())
          .with("jvms_pss_mb", growth.plain());
    }
  }

  void throughput(int processors, int rounds, Throughput result) {
    double ratio = (double) result.tine().median() / result.plain().median();
    Target target =
        Target.atLeast(
            TARGET_THROUGHPUT, "", "requests/s, %d workers / one JVM".formatted(processors), ratio);
    System.out.printf(
        Locale.ROOT,
        "%nthroughput, %d rounds   requests/s   p50 ms   p99 ms   ratio%n"
            + "  %2d workers            %10d %8.2f %8.2f %7.2f   target: >= %.2f %s%n"
            + "  one JVM               %10d %8.2f %8.2f%n",
        rounds,
        processors,
        result.tine().median(),
        result.tineLatency().median() / 1e6,
        result.tineLatency().percentile(99) / 1e6,
        ratio,
        TARGET_THROUGHPUT,
        target.verdict(),
        result.plain().median(),
        result.plainLatency().median() / 1e6,
        result.plainLatency().percentile(99) / 1e6);
    report
        .row("throughput")
        .with("workers", processors)
        .spread("tine", result.tine(), "per_s", 1)
        .with("tine_p99_ms", result.tineLatency().percentile(99) / 1e6)
        .spread("jvm", result.plain(), "per_s", 1)
        .with("jvm_p99_ms", result.plainLatency().percentile(99) / 1e6);
    target.addTo(report);
  }

  /** The line above those of {@link #memory}. */
  void memoryHead(int workers) {
    System.out.printf(
        "%nmemory (MB)        %-31s | PSS, mold + %d  | RSS, one JVM  | %d JVMs        | at"
            + " fork/one | served/%d%n%-9s %8s %-31s |   fork  served | booted   warm |    RSS   "
            + " PSS |%n",
        "", workers, workers, workers, "collector", "cache", "flags");
  }

  void memory(int workers, Setting setting, Footprint result) {
    Memory forked = result.forked();
    double atFork = forked.pss() / result.booted().rss();
    double served = result.served().pss() / result.plain().rss();
    String what = "memory, %s, ".formatted(setting);
    Target forkedTarget =
        Target.atMost(TARGET_FORKED, "", what + "PSS at the fork / RSS of one JVM", atFork);
    Target servedTarget =
        Target.atMost(
            setting.cacheMb > SMALL_CACHE_MB ? TARGET_SERVED_CACHE : TARGET_SERVED,
            "",
            what + "PSS after requests / RSS of %d JVMs".formatted(workers),
            served);
    System.out.printf(
        Locale.ROOT,
        "%-9s %5d MB %-31s | %6.0f  %6.0f | %6.0f %6.0f | %6.0f %6.0f | %5.2f %-6s | %5.2f %s%n",
        setting.collector,
        setting.cacheMb,
        setting.flags,
        forked.pss(),
        result.served().pss(),
        result.booted().rss(),
        result.warm().rss(),
        result.plain().rss(),
        result.plain().pss(),
        atFork,
        forkedTarget.verdict(),
        served,
        servedTarget.verdict());
    report
        .row("memory")
        .with("collector", setting.collector)
        .with("cache_mb", setting.cacheMb)
        .with("flags", setting.flags)
        .with("forked_pss_mb", forked.pss())
        .with("served_pss_mb", result.served().pss())
        .with("jvm_booted_rss_mb", result.booted().rss())
        .with("jvm_warm_rss_mb", result.warm().rss())
        .with("jvms_rss_mb", result.plain().rss())
        .with("jvms_pss_mb", result.plain().pss());
    forkedTarget.addTo(report);
    servedTarget.addTo(report);
  }
}
