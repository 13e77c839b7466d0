package dev.tine.benchmarks;

import dev.tine.benchmarks.client.Running;
import dev.tine.benchmarks.loss.Clients;
import dev.tine.benchmarks.loss.Kill;
import dev.tine.benchmarks.server.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code zero-loss}. */
@Command(
    name = "zero-loss",
    header = "Counts the requests that are lost while a server's workers are replaced.%n",
    description = {
      "%nA Spring Boot program is run by tine run. Clients ask without a pause, with a connection"
          + " for each request and with connections that are kept, while it is reloaded,"
          + " reforked, rolled back, scaled and restarted by turns.",
      "%nWith --kill, a worker is stopped after each change, its connections are looked up in"
          + " /proc, and it is killed. A request that fails counts as in-flight only if it was sent"
          + " before, ends after, and its connection is one of those; kept connections are the"
          + " clients' own then, and a request that finds its connection closed is repeated.",
      "%nThe result is one line; what was lost, and each change that did not succeed, is on"
          + " standard error."
    },
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:no request was lost, and every change succeeded",
      "1:some was",
      "2:the command line was wrong"
    })
public final class ZeroLoss implements Callable<Integer> {
  private static final int WARM_UP = 2_000;
  private static final List<List<String>> CHANGES =
      List.of(
          List.of("reload"),
          List.of("restart", "1"),
          List.of("scale", "4"),
          List.of("refork"),
          List.of("scale", "2"),
          List.of("rollback"),
          List.of("restart", "0"));

  /** One that dies younger than a second is taken for broken. */
  private static final Duration OLD_ENOUGH = Duration.ofMillis(1200);

  private static final Duration WORKER_LIMIT = Duration.ofSeconds(60);
  private static final long POLL_NANOS = 20_000_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--changes",
      paramLabel = "N",
      defaultValue = "56",
      description = "How many changes (default: ${DEFAULT-VALUE}).")
  private int changes;

  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Go on until so many were answered (default: ${DEFAULT-VALUE}).")
  private long requests;

  @Option(
      names = "--clients",
      paramLabel = "N",
      defaultValue = "4",
      description = "Threads that ask (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Option(
      names = "--kill",
      description =
          "Kill a worker with SIGKILL after each change, too. What was in flight in it may be lost,"
              + " and is counted; nothing else.")
  private boolean kill;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the counts there too.")
  private Optional<Path> json = Optional.empty();

  @Option(names = "--quick", description = "Each change once, 10,000 requests.")
  private boolean quick;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private ZeroLoss() {}

  /** Runs it. */
  public static void main(String[] args) {
    CommandLines.run(new ZeroLoss(), args);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    int count = quick ? CHANGES.size() : changes;
    long wanted = quick ? 10_000 : requests;
    long begin = System.nanoTime();
    Program program = Program.of(List.of("-Xmx200m", "-XX:+UseSerialGC"), 4);
    int done = 0;
    int refused = 0;
    List<Kill> kills = new ArrayList<>();
    Clients.Kept how = kill ? Clients.Kept.BY_THE_THREAD : Clients.Kept.BY_THE_JDK;
    try (Running running =
        program.underTine(2, OptionalInt.of(WARM_UP), List.of("--probation", "1s"))) {
      var asking = new Clients(running.port(), clients, Duration.ZERO, how);
      try (asking) {
        while (done + refused < count || asking.singleAnswers() + asking.keptAnswers() < wanted) {
          List<String> change = CHANGES.get((done + refused) % CHANGES.size());
          if (running.change(change)) {
            done++;
          } else {
            refused++;
          }
          if (kill) {
            kills.add(killOne(asking, running));
          }
        }
      }
      Clients.Verdict verdict = asking.verdict(kills);
      long answered = asking.singleAnswers() + asking.keptAnswers();
      int open = kills.stream().mapToInt(each -> each.clientPorts().size()).sum();
      long seconds = (System.nanoTime() - begin) / 1_000_000_000;
      System.out.printf(
          "changes=%d refused=%d answered=%d kept=%d failed=%d%s seconds=%d%n",
          done,
          refused,
          answered,
          asking.keptAnswers(),
          verdict.failed(),
          kill
              ? " kills=%d open=%d in-flight=%d repeated=%d"
                  .formatted(kills.size(), open, verdict.inFlight(), verdict.repeated())
              : "",
          seconds);
      verdict.failures().forEach((what, times) -> System.err.println(times + " x " + what));
      if (json.isPresent()) {
        var report = new Report("zero-loss", spec.commandLine().getParseResult().originalArgs());
        report
            .row("loss")
            .with("changes", done)
            .with("changes_refused", refused)
            .with("requests_answered", answered)
            .with("requests_answered_kept", asking.keptAnswers())
            .with("requests_failed", verdict.failed())
            .with("kills", kills.size())
            .with("connections_of_killed_workers", open)
            .with("requests_in_flight_in_killed_workers", verdict.inFlight())
            .with("requests_repeated", verdict.repeated())
            .with("seconds", seconds);
        Target.atMost(
                0,
                "",
                kills.isEmpty()
                    ? "requests lost in %d changes, of %d".formatted(done, answered)
                    : "requests lost in %d changes and %d kills, but for those in flight in the killed, of %d"
                        .formatted(done, kills.size(), answered),
                verdict.failed())
            .addTo(report);
        report.write(json.get());
      }
      return verdict.failed() == 0 && refused == 0 ? 0 : 1;
    }
  }

  private static Kill killOne(Clients asking, Running running)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + WORKER_LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<Long> worker = asking.victim(OLD_ENOUGH);
      Optional<Kill> kill =
          worker.isPresent() ? Kill.of(worker.get(), running.port()) : Optional.empty();
      if (kill.isPresent()) {
        return kill.get();
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw new IOException("no worker answers for so long that it could be killed");
  }
}
