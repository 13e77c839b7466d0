package dev.tine.benchmarks;

import dev.tine.benchmarks.peers.Contest;
import dev.tine.benchmarks.peers.Outcome;
import dev.tine.benchmarks.peers.Peer;
import dev.tine.benchmarks.peers.Peers;
import dev.tine.benchmarks.peers.Plan;
import dev.tine.benchmarks.peers.ShopArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code servers}. */
@Command(
    name = "servers",
    header = "Measures servers of several processes: this project's, and others.%n",
    description = {
      "%nshop is one Spring Boot program under tine run, as plain JVMs, behind HAProxy and with an"
          + " AOT cache; hello is a page of one line, as Java, Python and Node serve it. Peers of"
          + " a program take turns on the same processors, with the same clients.",
      "%nstart: from the command until the first answer, and until all workers have answered;"
          + " successor: from kill -9 of a worker until a new one answers; reload: all workers"
          + " replaced while clients ask, and how many of their requests failed; PSS of all"
          + " processes, after the same number of requests, divided by the workers; then as many"
          + " requests as go, and how many of them the busiest worker had.",
      "%nNumbers never change the exit code. A peer that is not installed is named as such."
    },
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:measured", "1:a peer failed", "2:the command line was wrong"})
public final class Servers implements Callable<Integer> {
  private static final int WARM_UP = 20_000;
  private static final int QUICK_WARM_UP = 3_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--only",
      paramLabel = "NAME",
      split = ",",
      description = "Peers whose program is that or whose name begins so (default: all).")
  private List<String> only = List.of();

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "4",
      description = "Workers of each peer (default: ${DEFAULT-VALUE}).")
  private int workers;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the numbers there too.")
  private Optional<Path> json = Optional.empty();

  @Option(names = "--quick", description = "Few of each: some two minutes.")
  private boolean quick;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private Servers() {}

  /** Runs the command line {@code args}. */
  public static void main(String[] args) {
    CommandLines.run(new Servers(), args);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    CommandLines.check(spec.commandLine(), "--workers", workers, 2, 64);
    List<Peer> peers =
        new Peers(workers, quick ? QUICK_WARM_UP : WARM_UP)
            .all().stream().filter(this::isChosen).toList();
    CommandLines.check(spec.commandLine(), "--only: number of peers", peers.size(), 1, 100);
    System.out.printf("machine: %s, load before: %s%n", Machine.described(), Machine.load());
    var report = new Report("servers", spec.commandLine().getParseResult().originalArgs());
    boolean isWell = true;
    if (peers.stream().anyMatch(peer -> peer.kind() == Peer.Kind.START_ONLY)) {
      CommandLines.progress("training an AOT cache ...");
      ShopArchive.prepare();
    }
    for (String program : List.of(Peers.SHOP, Peers.HELLO)) {
      List<Peer> compared = peers.stream().filter(peer -> peer.program().equals(program)).toList();
      if (compared.isEmpty()) {
        continue;
      }
      try (var contest =
          new Contest(compared, quick ? Plan.QUICK : Plan.FULL, CommandLines::progress)) {
        contest.run();
        CommandLines.progress("");
        System.out.printf("%n%s, medians%n%s%n", program, Outcome.HEAD);
        for (Outcome outcome : contest.outcomes()) {
          System.out.println(outcome);
          outcome.addTo(report);
          isWell &= !outcome.hasFailed();
        }
      }
    }
    if (json.isPresent()) {
      report.write(json.get());
    }
    return isWell ? 0 : 1;
  }

  private boolean isChosen(Peer peer) {
    return only.isEmpty()
        || only.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .anyMatch(name ->
                peer.program().equals(name)
                    || peer.name().toLowerCase(Locale.ROOT).startsWith(name));
  }
}
