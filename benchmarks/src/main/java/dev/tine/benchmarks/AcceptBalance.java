package dev.tine.benchmarks;

import dev.tine.benchmarks.accept.Row;
import dev.tine.benchmarks.accept.Server;
import dev.tine.benchmarks.client.Load;
import dev.tine.benchmarks.client.Running;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code accept-balance}. */
@Command(
    name = "accept-balance",
    header = "Measures how evenly the workers of tine run get connections.%n",
    description = {
      "%nEach server is started under tine run with each way to accept. Four loads are sent, of"
          + " connections for one request and of connections that stay, at a moderate rate and as"
          + " fast as it goes; the pid in each answer tells who has sent it.",
      "%nmax/mean is the number of requests of the worker that had most, as a multiple of the mean:"
          + " 1 is even, and the number of workers is one that did it all. With a rate, latencies"
          + " count from the moment that a request was due."
    },
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:measured", "1:a server could not be run", "2:the command line was wrong"})
public final class AcceptBalance implements Callable<Integer> {
  private static final int QUICK_SECONDS = 2;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--servers",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "tomcat,jetty,jdk,netty-nio,netty-epoll",
      description = "Which (default: ${DEFAULT-VALUE}).")
  private List<String> servers = List.of();

  @Option(
      names = "--accept",
      paramLabel = "HOW",
      split = ",",
      defaultValue = "shared,per-worker",
      description = "What to give tine run as --accept, by turns (default: ${DEFAULT-VALUE}).")
  private List<String> accept = List.of();

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "4",
      description = "Workers (default: ${DEFAULT-VALUE}).")
  private int workers;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "64",
      description = "Connections that stay (default: ${DEFAULT-VALUE}).")
  private int connections;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "400",
      description = "Requests a second, of the moderate loads (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--work",
      paramLabel = "US",
      defaultValue = "200",
      description = "Microseconds of a processor that a request takes (default: ${DEFAULT-VALUE}).")
  private int work;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "8",
      description = "Of each load (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result there, too.")
  private Optional<Path> json = Optional.empty();

  @Option(names = "--quick", description = "2 seconds of each load, Tomcat and Netty's NIO only.")
  private boolean quick;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  private AcceptBalance() {}

  /** Runs the command line {@code args}. */
  public static void main(String[] args) {
    CommandLines.run(new AcceptBalance(), args);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    CommandLines.check(spec.commandLine(), "--workers", workers, 1, 1024);
    CommandLines.check(spec.commandLine(), "--connections", connections, 1, 10_000);
    CommandLines.check(spec.commandLine(), "--rate", rate, 1, 1_000_000);
    CommandLines.check(spec.commandLine(), "--work", work, 0, 1_000_000);
    CommandLines.check(spec.commandLine(), "--seconds", seconds, 1, 3600);
    List<Server> chosen =
        quick
            ? List.of(Server.TOMCAT, Server.NETTY_NIO)
            : servers.stream().map(this::server).toList();
    var time = Duration.ofSeconds(quick ? QUICK_SECONDS : seconds);
    System.out.println(Row.HEAD);
    List<Row> rows = new ArrayList<>();
    for (Server server : chosen) {
      for (String how : accept) {
        CommandLines.progress("%s, %s ...".formatted(server, how));
        try (Running running = server.underTine(how, workers, work)) {
          var size = new Load.Size(running.port(), rate, connections, time);
          for (Load load : Load.values()) {
            Row row = Row.measure(server, how, load, workers, size);
            CommandLines.progress("");
            System.out.println(row);
            rows.add(row);
          }
        }
      }
    }
    if (json.isPresent()) {
      var report = new Report("accept-balance", spec.commandLine().getParseResult().originalArgs());
      rows.forEach(row -> row.addTo(report));
      report.write(json.get());
    }
    return 0;
  }

  private Server server(String name) {
    try {
      return Server.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--servers: there is no " + name, e);
    }
  }
}
