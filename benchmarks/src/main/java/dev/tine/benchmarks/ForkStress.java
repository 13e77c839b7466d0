package dev.tine.benchmarks;

import dev.tine.benchmarks.stress.StressRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code fork-stress}: starts a {@link StressRun} for each collector and counts. */
@Command(
    name = "fork-stress",
    header = "Forks a busy JVM again and again, and checks every child.%n",
    description = {
      "%nThe JVM that is forked allocates, collects, computes, starts threads and processes, and"
          + " has timers, pools, virtual and idle threads at work. Each child checks its copy of"
          + " all that, and then ends in one of five ways: System.exit, Runtime.halt, killed by"
          + " SIGKILL, killed by SIGTERM, or with the status of a child of its own. Up to two"
          + " children are alive at once.",
      "%nPrints one line on standard output:%n",
      "  forks=N lost=0 hung=0 wrong=0 refused=0 gc=G1 threads=T vthreads=V seconds=S median_us=M"
          + " p99_us=P%n",
      "lost: crashed or vanished. hung: not ended after 60 s; a thread dump is on standard error."
          + " wrong: a check of the child failed, or it ended with another status than it was to."
          + " refused: fork() threw. median_us and p99_us are the time of the call of fork() in the"
          + " parent."
    },
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every child was right",
      "1:a fork or child was lost, hung, wrong or refused; standard error tells more",
      "2:the command line was wrong"
    })
public final class ForkStress implements Callable<Integer> {
  private static final List<String> COLLECTORS = List.of("Serial", "Parallel", "G1", "Shenandoah");

  /** Longer than a child may take, with the time for its thread dump. */
  private static final Duration SILENCE_LIMIT = Duration.ofSeconds(90);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--forks",
      required = true,
      paramLabel = "N",
      description = "How many forks; with --gc all, a fourth of them under each collector.")
  private int forks;

  @Option(
      names = "--gc",
      required = true,
      paramLabel = "NAME",
      description = "The collector: Serial, Parallel, G1, Shenandoah, or all.")
  private String gc = "";

  @Option(
      names = "--threads",
      paramLabel = "T",
      defaultValue = "20",
      description = "Idle platform threads, beside about 30 busy ones (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--vthreads",
      paramLabel = "V",
      defaultValue = "100",
      description = "Virtual threads that sleep and work by turns (default: ${DEFAULT-VALUE}).")
  private int virtualThreads;

  @Option(
      names = "--brief",
      description =
          "For runs of many thousands: children do not load classes, read the jar or start"
              + " processes, one in ten collects, and up to 16 are alive at once.")
  private boolean brief;

  @Option(
      names = "--crowd",
      description =
          "Adds what a large server has open: 200 selectors, 2,000 sockets, 50 timers, and Netty"
              + " servers (NIO and native epoll) under load.")
  private boolean crowd;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description =
          "Makes the same choices as an earlier run, which printed its seed on standard error.")
  private Optional<Long> seed = Optional.empty();

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private final Tally tally = new Tally();

  private ForkStress() {}

  /** Runs the command line {@code args}. */
  public static void main(String[] args) {
    CommandLines.run(new ForkStress(), args);
  }

  @Override
  public Integer call() throws IOException {
    CommandLines.check(spec.commandLine(), "--forks", forks, 1, 10_000_000);
    CommandLines.check(spec.commandLine(), "--threads", threads, 0, 20_000);
    CommandLines.check(spec.commandLine(), "--vthreads", virtualThreads, 0, 1_000_000);
    List<String> collectors = collectors();
    long chosenSeed = seed.orElseGet(() -> new SplittableRandom().nextLong(1_000_000));
    System.err.println("fork-stress: seed=" + chosenSeed);
    long begin = System.nanoTime();
    for (int i = 0; i < collectors.size(); i++) {
      int share = forks / collectors.size() + (i < forks % collectors.size() ? 1 : 0);
      if (share > 0) {
        run(collectors.get(i), share, chosenSeed);
      }
    }
    CommandLines.progress("");
    System.out.printf(
        Locale.ROOT,
        "forks=%d lost=%d hung=%d wrong=%d refused=%d gc=%s threads=%d vthreads=%d%s seconds=%.1f"
            + " median_us=%d p99_us=%d%n",
        forks,
        tally.lost,
        tally.hung,
        tally.wrong,
        tally.refused,
        collectors.size() > 1 ? "all" : collectors.getFirst(),
        threads,
        virtualThreads,
        crowd ? " crowd" : "",
        (System.nanoTime() - begin) / 1e9,
        tally.micros.median(),
        tally.micros.percentile(99));
    return tally.isClean() ? 0 : 1;
  }

  private List<String> collectors() {
    if (gc.equalsIgnoreCase("all")) {
      return COLLECTORS;
    }
    return COLLECTORS.stream()
        .filter(gc::equalsIgnoreCase)
        .findFirst()
        .map(List::of)
        .orElseThrow(() ->
            new CommandLine.ParameterException(
                spec.commandLine(),
                "--gc %s: not one of %s, all".formatted(gc, String.join(", ", COLLECTORS))));
  }

  private void run(String collector, int share, long chosenSeed) throws IOException {
    Path directory = Files.createTempDirectory("fork-stress-");
    try (Jvm jvm = start(collector, share, chosenSeed, directory)) {
      listen(jvm, collector, share, directory);
    } finally {
      if (tally.isClean()) {
        delete(directory);
      } else {
        System.err.println("fork-stress: what is left of the run is in " + directory);
      }
    }
  }

  private Jvm start(String collector, int share, long chosenSeed, Path directory) {
    List<String> options =
        List.of(
            "-XX:+Use" + collector + "GC",
            "-Xms64m",
            "-Xmx256m",
            "-XX:+DisplayVMOutputToStderr", // thread dumps: standard output is for counting
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=" + directory + "/hs_err_%p.log");
    return Jvm.of(
        StressRun.class,
        options,
        Stream.of(share, threads, virtualThreads, chosenSeed, directory, brief, crowd)
            .map(String::valueOf)
            .toList());
  }

  /** Counts what the run says; a run that ends early has lost all forks that were still to come. */
  private void listen(Jvm jvm, String collector, int share, Path directory) {
    int accounted = 0;
    try {
      Optional<String> line = jvm.hear(SILENCE_LIMIT);
      while (line.isPresent()) {
        String[] words = line.get().split(" ", 2);
        if (words[0].equals("end")) {
          return;
        }
        accounted += tally.count(words);
        CommandLines.progress("%s: %d of %d".formatted(collector, accounted, share));
        line = jvm.hear(SILENCE_LIMIT);
      }
      System.err.printf(
          "fork-stress: gc=%s: the forking JVM itself (pid %d) has ended early%n",
          collector, jvm.pid());
      Evidence.ofCrashed(directory, jvm.pid(), System.err);
      tally.lost += share - accounted;
    } catch (Jvm.SilentException e) {
      System.err.printf(
          "fork-stress: gc=%s: the forking JVM itself hangs: %s%n", collector, e.getMessage());
      Evidence.ofHanging(jvm.pid(), System.err);
      tally.hung += share - accounted;
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** The counts of the result line. */
  private static final class Tally {
    private int lost;
    private int hung;
    private int wrong;
    private int refused;
    private final Samples micros = new Samples();

    /** Counts a line of a run; returns how many forks it accounts for. */
    int count(String[] words) {
      switch (words[0]) {
        case "forked" -> micros.add(Long.parseLong(words[1]));
        case "right" -> {}
        case "lost" -> lost++;
        case "hung" -> hung++;
        case "wrong" -> wrong++;
        case "refused" -> refused++;
        default -> throw new IllegalStateException("not understood: " + Arrays.toString(words));
      }
      return words[0].equals("forked") ? 0 : 1;
    }

    boolean isClean() {
      return lost + hung + wrong + refused == 0;
    }
  }
}
