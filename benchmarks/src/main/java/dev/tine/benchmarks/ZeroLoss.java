package dev.tine.benchmarks;

import dev.tine.benchmarks.client.Running;
import dev.tine.benchmarks.loss.Clients;
import dev.tine.benchmarks.server.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code zero-loss}. */
@Command(
    name = "zero-loss",
    header = "Counts the requests that are lost while a server's workers are replaced.%n",
    description = {
      "%nA Spring Boot program is run by tine run. Clients ask without a pause, with a connection"
          + " for each request and with connections that are kept, while it is reloaded,"
          + " reforked, rolled back, scaled and restarted by turns.",
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

  @Option(names = "--quick", description = "Each change once, 10,000 requests.")
  private boolean quick;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private ZeroLoss() {}

  /** Runs it. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new ZeroLoss()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    int count = quick ? CHANGES.size() : changes;
    long wanted = quick ? 10_000 : requests;
    long begin = System.nanoTime();
    Program program = Program.of(List.of("-Xmx200m", "-XX:+UseSerialGC"), 4);
    int done = 0;
    int refused = 0;
    try (Running running = program.underTine(2, WARM_UP, List.of("--probation", "1s"))) {
      var asking = new Clients(running.port(), clients, "/products/7", Duration.ZERO);
      try (asking) {
        while (done + refused < count || asking.singleAnswers() + asking.keptAnswers() < wanted) {
          List<String> change = CHANGES.get((done + refused) % CHANGES.size());
          if (change(program, running, change)) {
            done++;
          } else {
            refused++;
          }
        }
      }
      System.out.printf(
          "changes=%d refused=%d answered=%d kept=%d failed=%d seconds=%d%n",
          done,
          refused,
          asking.singleAnswers() + asking.keptAnswers(),
          asking.keptAnswers(),
          asking.failed(),
          (System.nanoTime() - begin) / 1_000_000_000);
      asking.failures().forEach((what, times) -> System.err.println(times + " x " + what));
      return asking.failed() == 0 && refused == 0 ? 0 : 1;
    }
  }

  private static boolean change(Program program, Running running, List<String> words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(program.root().toString(), "tine").toString());
    command.addAll(words);
    command.addAll(List.of("--name", running.name()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() == 0) {
      return true;
    }
    System.err.println(String.join(" ", words) + ": " + said);
    return false;
  }
}
