package dev.tine.benchmarks;

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
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
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

  private static final int USUAL_WARM_UP = 30_000;

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
      description =
          "Requests before the fork (default: 30000; for recovery and first, until it gets no"
              + " faster, as tine run does).")
  private Optional<Integer> givenWarmUp = Optional.empty();

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
    CommandLines.check(spec.commandLine(), "--warmup", warmUp(), 100, 10_000_000);
    if (isOfMemory) {
      parts = EnumSet.of(Part.GROWTH, Part.MEMORY);
    }
    if (quick) {
      kills = 10;
      curves = 1;
      rounds = 2;
      collectors = List.of("G1");
      caches = List.of(ServerReport.SMALL_CACHE_MB);
      flags = List.of("-Xmn64m");
      requests = 10_000;
      givenWarmUp = Optional.of(5_000);
    }
    System.out.printf("machine: %s, load before: %s%n", Machine.described(), Machine.load());
    var rows = new Report("run-server", spec.commandLine().getParseResult().originalArgs());
    var report = new ServerReport(rows);
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
      rows.write(json.get());
    }
    return 0;
  }

  private static Program plainProgram() {
    return Program.of(List.of("-Xmx200m"), ServerReport.SMALL_CACHE_MB);
  }

  /** As many for all that are compared. */
  private int warmUp() {
    return givenWarmUp.orElse(USUAL_WARM_UP);
  }

  private OptionalInt warmUpIfGiven() {
    return givenWarmUp.isPresent() ? OptionalInt.of(givenWarmUp.get()) : OptionalInt.empty();
  }

  private void recovery(ServerReport report) throws IOException {
    CommandLines.progress("recovery ...");
    Recovery result = Recovery.measure(plainProgram(), kills, warmUpIfGiven());
    CommandLines.progress("");
    report.recovery(kills, result);
  }

  private void curve(ServerReport report) throws IOException {
    CommandLines.progress("first seconds ...");
    Curve result =
        Curve.measure(plainProgram(), curves, warmUpIfGiven(), Duration.ofSeconds(quick ? 6 : 30));
    CommandLines.progress("");
    report.curve(curves, result);
  }

  private void growth(ServerReport report) throws IOException {
    CommandLines.progress("memory by workers ...");
    List<Growth> growths =
        Growth.measure(
            plainProgram(),
            quick ? List.of(1, 4) : List.of(1, 2, 4, 8),
            warmUp(),
            Math.max(1000, requests / 10));
    CommandLines.progress("");
    report.growth(growths);
  }

  private void throughput(ServerReport report) throws IOException {
    int processors = Runtime.getRuntime().availableProcessors(); // as tine run has by default
    CommandLines.progress("throughput ...");
    Throughput result =
        Throughput.measure(
            plainProgram(), processors, warmUp(), rounds, Duration.ofSeconds(quick ? 2 : 5));
    CommandLines.progress("");
    report.throughput(processors, rounds, result);
  }

  private void memory(ServerReport report) throws IOException {
    report.memoryHead(workers);
    for (int cache : caches) {
      for (String flag : flags) {
        for (String collector : collectors) {
          memory(report, new ServerReport.Setting(collector, cache, flag));
        }
      }
    }
  }

  private void memory(ServerReport report, ServerReport.Setting setting) throws IOException {
    CommandLines.progress("memory: %s ...".formatted(setting));
    List<String> options = new ArrayList<>();
    options.add("-XX:+Use" + setting.collector() + "GC");
    options.add("-Xmx" + (2 * setting.cacheMb() + 192) + "m");
    if (setting.hasFlags()) {
      options.addAll(List.of(setting.flags().split(" ", -1)));
    }
    Program program = Program.of(options, setting.cacheMb());
    Footprint result = Footprint.measure(program, workers, warmUp(), requests);
    CommandLines.progress("");
    report.memory(workers, setting, result);
  }
}
