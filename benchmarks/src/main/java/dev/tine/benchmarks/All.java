package dev.tine.benchmarks;

import dev.tine.benchmarks.report.Chapters;
import dev.tine.benchmarks.report.Gnuplot;
import dev.tine.benchmarks.report.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code all}. */
@Command(
    name = "all",
    header = "Runs all benchmarks, and writes a page with their numbers, tables and plots.%n",
    description = {
      "%nOne after the other, each as the command of its own that the page names. The machine"
          + " should have nothing else to do. What is needed beside Maven and a C compiler is said"
          + " before anything is measured; peers that are not installed are left out, and the page"
          + " says so."
    },
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:measured and written",
      "1:a benchmark failed; the page has the others",
      "2:the command line was wrong"
    })
public final class All implements Callable<Integer> {
  private static final Path ROOT = Path.of(System.getProperty("tine.benchmarks.root", "."));

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--quick", description = "The short form of each: some ten minutes in all.")
  private boolean quick;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      split = ",",
      description = "Some of them; the page keeps what it has of the others.")
  private Set<String> only = Set.of();

  @Option(names = "--page", description = "Measure nothing: write the page from what is there.")
  private boolean page;

  @Option(
      names = "--output",
      paramLabel = "FOLDER",
      description = "Where to write (default: docs/benchmarks of this repository).")
  private Optional<Path> output = Optional.empty();

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private All() {}

  /** Runs the command line {@code args}. */
  public static void main(String[] args) {
    CommandLines.run(new All(), args);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, List<String>> calls = Chapters.calls();
    for (String name : only) {
      if (!calls.containsKey(name)) {
        throw new CommandLine.ParameterException(
            spec.commandLine(),
            "--only %s: none of %s".formatted(name, String.join(", ", calls.keySet())));
      }
    }
    Gnuplot.check();
    Path folder = output.orElse(ROOT.resolve("docs/benchmarks"));
    Files.createDirectories(Page.raw(folder, "").getParent());
    List<String> failed = new ArrayList<>();
    for (String name : page ? Set.<String>of() : calls.keySet()) {
      if ((only.isEmpty() || only.contains(name))
          && !run(calls.getOrDefault(name, List.of()), Page.raw(folder, name))) {
        failed.add(name);
      }
    }
    List<String> missing = Page.write(folder);
    System.out.printf("%nwritten: %s%n", folder.resolve("README.md"));
    if (!missing.isEmpty()) {
      System.out.println("not measured: " + String.join(", ", missing));
    }
    if (!failed.isEmpty()) {
      System.err.println("all: failed: " + String.join(", ", failed));
    }
    return failed.isEmpty() ? 0 : 1;
  }

  /** Numbers of an earlier run do not stay beside new ones as if they were of the same. */
  private boolean run(List<String> call, Path raw) throws IOException, InterruptedException {
    Files.deleteIfExists(raw);
    Path part = raw.resolveSibling(raw.getFileName() + ".part");
    List<String> line = new ArrayList<>();
    line.add(ROOT.resolve("benchmarks").resolve(call.getFirst()).toString());
    line.addAll(call.subList(1, call.size()));
    line.addAll(List.of("--json", part.toString()));
    if (quick) {
      line.add("--quick");
    }
    System.out.printf("%n== %s%s%n", String.join(" ", call), quick ? " --quick" : "");
    int status = new ProcessBuilder(line).inheritIO().start().waitFor();
    // Written at the end: one that has lost a request, or a peer, tells so in its numbers.
    if (Files.exists(part)) {
      Files.move(part, raw, StandardCopyOption.ATOMIC_MOVE);
    }
    return status == 0;
  }
}
