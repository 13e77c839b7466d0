package dev.tine.benchmarks;

import dev.tine.benchmarks.client.Memory;
import dev.tine.benchmarks.server.Curve;
import dev.tine.benchmarks.server.Footprint;
import dev.tine.benchmarks.server.Growth;
import dev.tine.benchmarks.server.Program;
import dev.tine.benchmarks.server.Recovery;
import dev.tine.benchmarks.server.Throughput;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code run-server}. */
@Command(
    name = "run-server",
    header = "Measures a Spring Boot server under tine run beside plain JVMs of the same jar.%n",
    description = {
      "%nThe program is examples/spring-boot-shop. Clients and servers share this machine's"
          + " processors. What is compared runs by turns.",
      "%nrecovery: from kill -9 of the only worker until its successor has accepted, and answered,"
          + " a client that connected meanwhile; beside it a cold start until the first answer.",
      "first: requests per second in the first 30 seconds of a worker forked from a warm mold, of"
          + " one forked from a cold mold, of one forked from such a worker after it had served for"
          + " 30 seconds (tine refork), and of a new JVM.",
      "growth: PSS of 1, 2, 4 and 8 workers with their mold, and of as many JVMs.",
      "memory: PSS of mold and workers at the fork and after the requests, against RSS of one JVM"
          + " that has answered once, and of as many JVMs as workers after as many requests.",
      "throughput: as many workers as processors, against one JVM.",
      "%nNumbers never change the exit code."
    },
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:measured",
      "1:a process under measurement failed",
      "2:the command line was wrong"
    })
public final class RunServer implements Callable<Integer> {
  private static final double TARGET_RECOVERY_MS = 20;
  private static final double TARGET_FIRST = 0.95;
  private static final double TARGET_FORKED = 1.2;
  private static final double TARGET_SERVED = 0.7;
  private static final double TARGET_SERVED_CACHE = 0.4;
  private static final double TARGET_THROUGHPUT = 0.97;
  private static final int SMALL_CACHE_MB = 4;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** What can be left out. */
  private enum Part {
    RECOVERY,
    FIRST,
    GROWTH,
    MEMORY,
    THROUGHPUT
  }

  @Option(
      names = "--only",
      paramLabel = "PART",
      split = ",",
      description =
          "Some of recovery, first, throughput, growth, memory (default: the first three).")
  private Set<Part> parts = EnumSet.of(Part.RECOVERY, Part.FIRST, Part.THROUGHPUT);

  @Option(names = "--memory", description = "Measure growth and memory instead.")
  private boolean isOfMemory;

  @Option(
      names = "--kills",
      paramLabel = "N",
      defaultValue = "200",
      description = "Workers to kill (default: ${DEFAULT-VALUE}).")
  private int kills;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "10",
      description = "Rounds of throughput (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--curves",
      paramLabel = "N",
      defaultValue = "5",
      description = "Processes of each kind in first (default: ${DEFAULT-VALUE}).")
  private int curves;

  @Option(
      names = "--gc",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "Serial,Parallel,G1",
      description = "Collectors for memory (default: ${DEFAULT-VALUE}).")
  private List<String> collectors = List.of();

  @Option(
      names = "--cache",
      paramLabel = "MB",
      split = ",",
      defaultValue = "4,500",
      description =
          "What the program keeps in memory; its heap is twice that and 192 MB (default:"
              + " ${DEFAULT-VALUE}).")
  private List<Integer> caches = List.of();

  @Option(
      names = "--flags",
      paramLabel = "FLAGS",
      split = ",",
      defaultValue = "none,-Xmn64m,-XX:+UseTransparentHugePages",
      description = "JVM options to try in memory, by turns (default: ${DEFAULT-VALUE}).")
  private List<String> flags = List.of();

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "4",
      description = "Workers of memory (default: ${DEFAULT-VALUE}).")
  private int workers;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Requests of memory, all processes together (default: ${DEFAULT-VALUE}).")
  private int requests;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      defaultValue = "30000",
      description = "Requests before the fork (default: ${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the numbers there too.")
  private Optional<Path> json = Optional.empty();

  @Option(names = "--quick", description = "Few of each: less than two minutes.")
  private boolean quick;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private RunServer() {}

  /** Runs the command line {@code args}. */
  public static void main(String[] args) {
    CommandLines.run(new RunServer(), args);
  }

  @Override
  public Integer call() throws IOException {
    CommandLines.check(spec.commandLine(), "--kills", kills, 1, 100_000);
    CommandLines.check(spec.commandLine(), "--rounds", rounds, 1, 1000);
    CommandLines.check(spec.commandLine(), "--curves", curves, 1, 1000);
    CommandLines.check(spec.commandLine(), "--workers", workers, 1, 64);
    CommandLines.check(spec.commandLine(), "--requests", requests, 1000, 100_000_000);
    CommandLines.check(spec.commandLine(), "--warmup", warmUp, 100, 10_000_000);
    if (isOfMemory) {
      parts = EnumSet.of(Part.GROWTH, Part.MEMORY);
    }
    if (quick) {
      kills = 10;
      curves = 1;
      rounds = 2;
      collectors = List.of("G1");
      caches = List.of(SMALL_CACHE_MB);
      flags = List.of("-Xmn64m");
      requests = 10_000;
      warmUp = 5_000;
    }
    System.out.printf("machine: %s, load before: %s%n", Machine.described(), Machine.load());
    var report = new Report("run-server", spec.commandLine().getParseResult().originalArgs());
    if (parts.contains(Part.RECOVERY)) {
      recovery(report);
    }
    if (parts.contains(Part.FIRST)) {
      curve(report);
    }
    if (parts.contains(Part.GROWTH)) {
      growth(report);
    }
    if (parts.contains(Part.THROUGHPUT)) {
      throughput(report);
    }
    if (parts.contains(Part.MEMORY)) {
      memory(report);
    }
    if (json.isPresent()) {
      report.write(json.get());
    }
    return 0;
  }

  private static Program plainProgram() {
    return Program.of(List.of("-Xmx200m"), SMALL_CACHE_MB);
  }

  private void recovery(Report report) throws IOException {
    CommandLines.progress("recovery ...");
    Recovery result = Recovery.measure(plainProgram(), kills, warmUp);
    CommandLines.progress("");
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

  private void curve(Report report) throws IOException {
    CommandLines.progress("first seconds ...");
    Curve curve = Curve.measure(plainProgram(), curves, warmUp, Duration.ofSeconds(quick ? 6 : 30));
    CommandLines.progress("");
    System.out.printf("%nrequests/s in each second, %d rounds%n", curves);
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

  private void growth(Report report) throws IOException {
    CommandLines.progress("memory by workers ...");
    List<Growth> growths =
        Growth.measure(
            plainProgram(),
            quick ? List.of(1, 4) : List.of(1, 2, 4, 8),
            warmUp,
            Math.max(1000, requests / 10));
    CommandLines.progress("");
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

  private void throughput(Report report) throws IOException {
    int processors = Runtime.getRuntime().availableProcessors(); // as tine run has by default
    CommandLines.progress("throughput ...");
    Throughput result =
        Throughput.measure(
            plainProgram(), processors, warmUp, rounds, Duration.ofSeconds(quick ? 2 : 5));
    CommandLines.progress("");
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

  private void memory(Report report) throws IOException {
    System.out.printf(
        "%nmemory (MB)        %-31s | PSS, mold + %d  | RSS, one JVM  | %d JVMs        | at"
            + " fork/one | served/%d%n%-9s %8s %-31s |   fork  served | booted   warm |    RSS   "
            + " PSS |%n",
        "", workers, workers, workers, "collector", "cache", "flags");
    for (int cache : caches) {
      for (String flag : flags) {
        for (String collector : collectors) {
          memory(report, collector, cache, flag);
        }
      }
    }
  }

  private void memory(Report report, String collector, int cache, String flag) throws IOException {
    CommandLines.progress("memory: %s, %d MB, %s ...".formatted(collector, cache, flag));
    List<String> options = new ArrayList<>();
    options.add("-XX:+Use" + collector + "GC");
    options.add("-Xmx" + (2 * cache + 192) + "m");
    if (!flag.equals("none")) {
      options.addAll(List.of(flag.split(" ", -1)));
    }
    Footprint result = Footprint.measure(Program.of(options, cache), workers, warmUp, requests);
    CommandLines.progress("");
    Memory forked = result.forked();
    double atFork = forked.pss() / result.booted().rss();
    double served = result.served().pss() / result.plain().rss();
    String what =
        "memory, %s, %d MB cache%s, "
            .formatted(collector, cache, flag.equals("none") ? "" : ", " + flag);
    Target forkedTarget =
        Target.atMost(TARGET_FORKED, "", what + "PSS at the fork / RSS of one JVM", atFork);
    Target servedTarget =
        Target.atMost(
            cache > SMALL_CACHE_MB ? TARGET_SERVED_CACHE : TARGET_SERVED,
            "",
            what + "PSS after requests / RSS of %d JVMs".formatted(workers),
            served);
    System.out.printf(
        Locale.ROOT,
        "%-9s %5d MB %-31s | %6.0f  %6.0f | %6.0f %6.0f | %6.0f %6.0f | %5.2f %-6s | %5.2f %s%n",
        collector,
        cache,
        flag,
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
        .with("collector", collector)
        .with("cache_mb", cache)
        .with("flags", flag)
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
