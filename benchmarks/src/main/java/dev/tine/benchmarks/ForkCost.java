package dev.tine.benchmarks;

import dev.tine.benchmarks.cost.Comparison;
import dev.tine.benchmarks.cost.DescriptorRun;
import dev.tine.benchmarks.cost.OpenDescriptors;
import dev.tine.benchmarks.cost.Parts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code fork-cost}. */
@Command(
    name = "fork-cost",
    header = "Measures JvmFork.fork() beside the fork(3) of a C program with the same memory.%n",
    description = {
      "%nFor each row a JVM is started, idle, with a heap that is resident as a whole, and a C"
          + " program with one thread and as many mappings of the same sizes with the same resident"
          + " pages. They are forked by turns. Measured is the time from before the call until the"
          + " first act of the child: in C that is clock_gettime, in Java System.nanoTime.",
      "%nAll times are milliseconds. The parts are medians of their own and need not sum up; rest"
          + " is what no part explains. Numbers never change the exit code."
    },
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:measured",
      "1:a process under measurement failed",
      "2:the command line was wrong"
    })
public final class ForkCost implements Callable<Integer> {
  private static final int QUICK_ROUNDS = 8;

  /** What the JVM has anyway; a row of heaps adds none. */
  private static final int NO_MORE_THREADS = 0;

  private static final int THREADS_HEAP_MB = 64;

  private static final double PLAIN_JVM_MS = 0.3;
  private static final double PER_THOUSAND_MS = 5;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--rounds",
      paramLabel = "R",
      defaultValue = "40",
      description = "Forks of each process in a row (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--heaps",
      paramLabel = "SIZE",
      split = ",",
      defaultValue = "64m,512m,2g,4g",
      description =
          "Heaps, each with 4 KB pages and with huge pages; none to leave them out (default:"
              + " ${DEFAULT-VALUE}).")
  private List<String> heaps = List.of();

  @Option(
      names = "--threads",
      paramLabel = "T",
      split = ",",
      defaultValue = "20,200,1000",
      description =
          "Threads of a JVM with a heap of 64 MB; none to leave them out (default:"
              + " ${DEFAULT-VALUE}).")
  private List<String> threads = List.of();

  @Option(
      names = "--descriptors",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "Descriptors of each kind, of a JVM with a heap of 64 MB; 0 to leave them out (default:"
              + " ${DEFAULT-VALUE}).")
  private int descriptors;

  @Option(
      names = "--quick",
      description = "8 rounds, of the first two heaps and the first thread count.")
  private boolean quick;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the numbers there too.")
  private Optional<Path> json = Optional.empty();

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private ForkCost() {}

  /** Runs the command line {@code args}. */
  public static void main(String[] args) {
    CommandLines.run(new ForkCost(), args);
  }

  /** What a row is to stay below, in milliseconds. */
  private interface Limits {
    double millis(double bareMillis);
  }

  @Override
  public Integer call() throws IOException {
    CommandLines.check(spec.commandLine(), "--rounds", rounds, 1, 100_000);
    CommandLines.check(spec.commandLine(), "--descriptors", descriptors, 0, 1_000_000);
    List<Integer> heapsMb = numbers(heaps, "--heaps", ForkCost::megabytes, 16, 1 << 20);
    List<Integer> threadCounts = numbers(threads, "--threads", Integer::parseInt, 1, 20_000);
    if (quick) {
      heapsMb = heapsMb.subList(0, Math.min(2, heapsMb.size()));
      threadCounts = threadCounts.subList(0, Math.min(1, threadCounts.size()));
    }
    String machine = Machine.described();
    System.out.println("machine: " + machine);
    var report = new Report("fork-cost", spec.commandLine().getParseResult().originalArgs());
    System.out.printf(
        "%nheap    pages threads | bare: median    p90 | JVM: median    p90 | ratio   more | target"
            + " |%s | mappings    copied MB   huge MB  (JVM/bare)%n",
        Parts.NAMES.stream().map("%8s"::formatted).collect(Collectors.joining()));
    for (int heap : heapsMb) {
      row(report, heap, false, NO_MORE_THREADS, bare -> 1.15 * bare + 1);
      row(report, heap, true, NO_MORE_THREADS, bare -> 1.15 * bare + 1);
    }
    for (int count : threadCounts) {
      row(
          report,
          THREADS_HEAP_MB,
          false,
          count,
          count < 1000 ? bare -> 1.15 * bare + 1 : bare -> bare + 25);
    }
    if (descriptors > 0) {
      descriptors(report);
    }
    if (json.isPresent()) {
      report.write(json.get());
    }
    return 0;
  }

  /** What descriptors cost: the survey of them, and their repair in the child. */
  private void descriptors(Report report) throws IOException {
    System.out.printf(
        "%ndescriptors       |   survey   repair  per 1,000 | target (milliseconds)%n");
    double without = 0;
    for (OpenDescriptors kind : OpenDescriptors.values()) {
      CommandLines.progress("%d %s ...".formatted(descriptors, kind));
      Parts parts = DescriptorRun.run(kind, descriptors, quick ? QUICK_ROUNDS : rounds);
      CommandLines.progress("");
      double survey = parts.medianNanos("survey") / 1e6;
      double repair = parts.medianNanos("descr.") / 1e6;
      boolean none = kind == OpenDescriptors.NONE;
      without = none ? survey + repair : without;
      double each = none ? survey + repair : (survey + repair - without) * 1000 / descriptors;
      String name = kind.name().toLowerCase(Locale.ROOT);
      Optional<Target> target =
          switch (kind) {
            case NONE ->
                Optional.of(Target.atMost(PLAIN_JVM_MS, "ms", "descriptors of a plain JVM", each));
            case MEMBERS ->
                Optional.of(
                    Target.atMost(
                        PER_THOUSAND_MS,
                        "ms",
                        "1,000 connections that are members of epoll",
                        each));
            default -> Optional.empty();
          };
      System.out.printf(
          Locale.ROOT,
          "%5d %-11s | %8.3f %8.3f %10s | %s%n",
          none ? 0 : descriptors,
          name,
          survey,
          repair,
          none ? "-" : "%.2f".formatted(each),
          target.map(one -> "%6.1f %s".formatted(one.limit(), one.verdict())).orElse("     -"));
      report
          .row("descriptors")
          .with("kind", name)
          .with("count", none ? 0 : descriptors)
          .with("survey_ms", survey)
          .with("repair_ms", repair)
          .with(none ? "all_ms" : "per_1000_ms", each);
      target.ifPresent(one -> one.addTo(report));
    }
  }

  private void row(Report report, int heapMb, boolean huge, int threadCount, Limits limits)
      throws IOException {
    String shownThreads = threadCount == NO_MORE_THREADS ? "-" : Integer.toString(threadCount);
    CommandLines.progress(
        "%d MB, %s, threads: %s ..."
            .formatted(heapMb, huge ? "huge pages" : "4 KB pages", shownThreads));
    List<String> options =
        new ArrayList<>(
            List.of("-Xms" + heapMb + "m", "-Xmx" + heapMb + "m", "-XX:+AlwaysPreTouch"));
    if (huge) {
      options.add("-XX:+UseTransparentHugePages");
    }
    Comparison comparison = Comparison.run(options, threadCount, quick ? QUICK_ROUNDS : rounds);
    double bare = comparison.bare().median() / 1e6;
    double jvm = comparison.jvm().median() / 1e6;
    double limit = limits.millis(bare);
    Target target =
        Target.atMost(
            limit,
            "ms",
            "fork of a JVM, %d MB, %s pages, %s"
                .formatted(
                    heapMb,
                    huge ? "huge" : "4 KB",
                    threadCount == NO_MORE_THREADS
                        ? "its own threads"
                        : shownThreads + " more threads"),
            jvm);
    CommandLines.progress("");
    System.out.printf(
        Locale.ROOT,
        "%4d MB %-5s %7s | %12.2f %6.2f | %11.2f %6.2f | %5.2f %6.2f | %6.2f %s |%s | %s%n",
        heapMb,
        huge ? "huge" : "4 KB",
        shownThreads,
        bare,
        comparison.bare().percentile(90) / 1e6,
        jvm,
        comparison.jvm().percentile(90) / 1e6,
        jvm / bare,
        jvm - bare,
        limit,
        "%-6s".formatted(target.verdict()),
        comparison.parts().medians(),
        comparison.memory());
    report
        .row("fork")
        .with("heap_mb", heapMb)
        .with("pages", huge ? "huge" : "4 KB")
        .with("threads", threadCount)
        .spread("bare", comparison.bare(), "ms", 1e6)
        .spread("jvm", comparison.jvm(), "ms", 1e6)
        .with("ratio", jvm / bare)
        .with("target_ms", limit);
    for (String part : Parts.NAMES) {
      report.with(
          part.replace("descr.", "descriptors") + "_ms",
          comparison.parts().medianNanos(part) / 1e6);
    }
    report.with("verdict", target.verdict());
    target.addTo(report);
  }

  private interface Parser {
    int parse(String text);
  }

  private List<Integer> numbers(
      List<String> texts, String option, Parser parser, int least, int most) {
    List<Integer> numbers = new ArrayList<>();
    for (String text : texts) {
      if (text.equals("none") && texts.size() == 1) {
        break;
      }
      try {
        int number = parser.parse(text);
        CommandLines.check(spec.commandLine(), option, number, least, most);
        numbers.add(number);
      } catch (NumberFormatException e) {
        throw new CommandLine.ParameterException(
            spec.commandLine(), option + " " + text + ": not understood");
      }
    }
    return numbers;
  }

  /** "64m" or "2g". */
  private static int megabytes(String text) {
    String number = text.isEmpty() ? text : text.substring(0, text.length() - 1);
    if (text.endsWith("g")) {
      return Math.multiplyExact(Integer.parseInt(number), 1024);
    }
    if (text.endsWith("m")) {
      return Integer.parseInt(number);
    }
    throw new NumberFormatException(text);
  }
}
