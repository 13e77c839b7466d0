package dev.tine.benchmarks;

import dev.tine.benchmarks.subprocess.Peer;
import dev.tine.benchmarks.subprocess.Peer.Kind;
import dev.tine.benchmarks.subprocess.Results;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code subprocess}. */
@Command(
    name = "subprocess",
    header = "Measures dev.tine.process beside a C program and other libraries.%n",
    description = {
      "%nEach peer is a process of its own that starts programs and measures itself; they are told"
          + " to by turns, a few programs at a time. Of all turns the lower quartile counts. Python"
          + " and Node are left out where they are not installed.",
      "%n1 plain, 1, 50: /bin/true per second, one at a time without pipes, with three pipes, and"
          + " 50 in flight. CPU us: processor time per program of the last, in the peer alone. p50"
          + " us, p99 us: from the last act of a program until its end is known. cat N MB/s: N"
          + " programs cat echo. heap, threads, fds: per live program with three pipes. large: as 1"
          + " plain, with memory that was written to.",
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
public final class SubprocessCost implements Callable<Integer> {
  private static final String PLAIN = "1 plain";
  private static final String ONE = "1";
  private static final String FLIGHT = "50";
  private static final String P50 = "p50 us";
  private static final int IN_A_SLICE = 10;
  private static final int IN_FLIGHT = 50;
  private static final int FLIGHT_SLICE = 200;
  private static final int LATENCIES = 10;
  private static final int LIVE = 200;
  private static final int WARM_UP = 15;
  private static final int QUICK_TURNS = 5;

  /** It takes a quarter of a second to notice most ends. */
  private static final int NUPROCESS_SLICE = 1;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--rounds",
      paramLabel = "R",
      defaultValue = "60",
      description = "Turns of each peer under each heading (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--memory",
      paramLabel = "MB",
      defaultValue = "4096",
      description = "Megabytes of the column large; 0 to leave it out (default: ${DEFAULT-VALUE}).")
  private int memory;

  @Option(names = "--quick", description = "5 turns, and 512 MB.")
  private boolean quick;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write the numbers there.")
  private Optional<Path> json = Optional.empty();

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private SubprocessCost() {}

  /** Runs the command line {@code args}. */
  public static void main(String[] args) {
    CommandLines.run(new SubprocessCost(), args);
  }

  /** So many programs at a time, and with so many pipes. */
  private record Spawn(int count, int inFlight, int pipes) implements Results.Slice {
    @Override
    public String line(Kind kind) {
      return "spawn %d %d %d".formatted((int) units(kind), inFlight, pipes);
    }

    @Override
    public double units(Kind kind) {
      return kind == Kind.NUPROCESS && inFlight == 1 ? NUPROCESS_SLICE : count;
    }
  }

  /** So many megabytes through each of so many programs. */
  private record Echo(int programs, int megabytes) implements Results.Slice {
    @Override
    public String line(Kind kind) {
      return "cat %d %d".formatted(programs, megabytes);
    }

    @Override
    public double units(Kind kind) {
      return programs * megabytes;
    }
  }

  @Override
  public Integer call() throws IOException {
    CommandLines.check(spec.commandLine(), "--rounds", rounds, 1, 100_000);
    CommandLines.check(spec.commandLine(), "--memory", memory, 0, 1 << 20);
    int turns = quick ? QUICK_TURNS : rounds;
    String machine = Machine.described();
    System.out.println("machine: " + machine);
    var report = new Report("subprocess", spec.commandLine().getParseResult().originalArgs());
    Results results = new Results();
    List<Peer> peers = new ArrayList<>();
    Path stamp = Files.createTempFile("subprocess-", ".stamp");
    try {
      Files.write(stamp, ByteBuffer.allocate(8).array());
      for (Kind kind : Kind.values()) {
        CommandLines.progress(kind + " ...");
        Peer.start(kind).ifPresent(peers::add);
      }
      List<Peer> plain = peers.stream().filter(peer -> !peer.kind().needsPipes()).toList();
      warmUp(peers, quick ? QUICK_TURNS : WARM_UP);
      CommandLines.progress("one at a time ...");
      results.rates(PLAIN, plain, 2 * turns, new Spawn(IN_A_SLICE, 1, 0));
      results.rates(ONE, peers, turns, new Spawn(IN_A_SLICE, 1, 3));
      CommandLines.progress(IN_FLIGHT + " in flight ...");
      results.rates(FLIGHT, peers, turns, new Spawn(FLIGHT_SLICE, IN_FLIGHT, 3));
      processor(results, peers);
      CommandLines.progress("latency ...");
      latency(results, peers, turns, stamp);
      for (int programs : new int[] {1, 10, 100}) {
        CommandLines.progress("echoes of " + programs + " ...");
        results.rates(
            "cat %d MB/s".formatted(programs), peers, turns, new Echo(programs, 100 / programs));
      }
      CommandLines.progress("live programs ...");
      live(results, peers);
      large(results, turns);
    } finally {
      peers.forEach(Peer::close);
      Files.delete(stamp);
    }
    CommandLines.progress("");
    System.out.printf("%n%s%n%n", results.table());
    targets(results, report);
    if (json.isPresent()) {
      results.addTo(report);
      report.write(json.get());
    }
    return 0;
  }

  private static void warmUp(List<Peer> peers, int times) {
    for (Peer peer : peers) {
      CommandLines.progress(peer.kind() + " ...");
      for (int i = 0; i < times; i++) {
        peer.measure("spawn %d %d 3".formatted(FLIGHT_SLICE, IN_FLIGHT));
        if (!peer.kind().needsPipes()) {
          peer.measure("spawn %d 1 0".formatted(FLIGHT_SLICE));
        }
        peer.measure("cat 4 32");
      }
    }
  }

  private static void processor(Results results, List<Peer> peers) {
    for (Peer peer : peers) {
      String line = "spawn %d %d 3".formatted(5 * FLIGHT_SLICE, IN_FLIGHT);
      results.set("CPU us", peer.kind(), peer.measure(line)[1] / (5 * FLIGHT_SLICE));
    }
  }

  private static void latency(Results results, List<Peer> peers, int turns, Path stamp) {
    for (Peer peer : peers) {
      Samples samples = new Samples();
      int count = peer.kind() == Kind.NUPROCESS ? 2 : LATENCIES;
      for (int i = 0; i < turns; i++) {
        for (double nanos : peer.measure("latency %d %s".formatted(count, stamp))) {
          samples.add((long) nanos);
        }
      }
      results.set(P50, peer.kind(), samples.median() / 1e3);
      results.set("p99 us", peer.kind(), samples.percentile(99) / 1e3);
    }
  }

  private static void live(Results results, List<Peer> peers) {
    for (Peer peer : peers) {
      if (peer.kind().isJava()) {
        double[] each = peer.measure("live " + LIVE);
        results.set("heap", peer.kind(), each[0]);
        results.set("threads", peer.kind(), each[1] / LIVE);
        results.set("fds", peer.kind(), each[2]);
      }
    }
  }

  /** One at a time: memory is not to be had for all. */
  private void large(Results results, int turns) throws IOException {
    int wanted = quick ? Math.min(memory, 512) : memory;
    int megabytes = (int) Math.min(wanted, Machine.availableMegabytes() / 2);
    if (megabytes < wanted) {
      System.out.printf("large: %d MB, more is not free%n", megabytes);
    }
    if (megabytes == 0) {
      return;
    }
    for (Kind kind : List.of(Kind.C, Kind.TINE, Kind.JDK)) {
      CommandLines.progress("%s with %d MB ...".formatted(kind, megabytes));
      Results row = new Results();
      try (Peer peer = Peer.startLarge(kind, megabytes)) {
        for (int i = 0; i < WARM_UP; i++) {
          peer.measure("spawn %d 1 0".formatted(FLIGHT_SLICE));
        }
        row.rates(PLAIN, List.of(peer), turns, new Spawn(IN_A_SLICE, 1, 0));
        row.get(PLAIN, kind).ifPresent(rate -> results.set("large", kind, rate));
      }
    }
  }

  private static void targets(Results results, Report report) {
    for (Kind tine : List.of(Kind.TINE, Kind.TINE_LOOP)) {
      List<Target> targets = new ArrayList<>();
      ratio(results, PLAIN, tine, Kind.C, 0.95).ifPresent(targets::add);
      ratio(results, PLAIN, tine, Kind.JDK, 2.2).ifPresent(targets::add);
      ratio(results, FLIGHT, tine, Kind.NUPROCESS, 1.3).ifPresent(targets::add);
      for (int programs : new int[] {1, 10, 100}) {
        ratio(results, "cat %d MB/s".formatted(programs), tine, Kind.C, 0.9)
            .ifPresent(targets::add);
      }
      results
          .get(P50, tine)
          .ifPresent(micros ->
              targets.add(Target.atMost(200, "us", tine + ", from exit to callback", micros)));
      for (Target target : targets) {
        System.out.printf(
            Locale.ROOT,
            "%-60s %7.2f   target %6.2f %s%n",
            target.what(),
            target.value(),
            target.limit(),
            target.verdict());
        target.addTo(report);
      }
    }
  }

  private static Optional<Target> ratio(
      Results results, String heading, Kind tine, Kind other, double atLeast) {
    OptionalDouble ours = results.get(heading, tine);
    OptionalDouble theirs = results.get(heading, other);
    return ours.isPresent() && theirs.isPresent()
        ? Optional.of(
            Target.atLeast(
                atLeast,
                "",
                "%s: %s / %s".formatted(heading, tine, other),
                ours.getAsDouble() / theirs.getAsDouble()))
        : Optional.empty();
  }
}
