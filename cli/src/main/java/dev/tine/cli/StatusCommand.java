package dev.tine.cli;

import dev.tine.run.Request;
import dev.tine.run.Status;
import dev.tine.run.StatusReader;
import dev.tine.run.Table;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tine status}. */
@Command(
    name = "status",
    header = "Show the processes of a program under tine run.",
    description = {"", "Memory is RSS, and PSS: shared pages divided among those that share them."},
    sortOptions = false,
    synopsisHeading = "%nUsage: ",
    parameterListHeading = "%nParameters:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:no such program, or its monitor refused; the reason is on standard error",
      "2:the command line was wrong"
    })
final class StatusCommand implements Callable<Integer> {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private Target target = new Target();

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "Name of the program (default: the one that runs).")
  private Optional<String> name = Optional.empty();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(
      names = "--watch",
      description =
          "Show it live, until Ctrl-C; if not at a terminal, or with --json, again every second.")
  private boolean watch;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Override
  public Integer call() throws CommandFailedException {
    target.called(name);
    PrintWriter out = spec.commandLine().getOut();
    if (!watch) {
      out.println(shown());
      return 0;
    }
    if (json || !Terminal.isOutputShownToPerson()) {
      return follow(out);
    }
    try (var screen = Screen.open(out)) {
      while (true) {
        screen.show(shown());
        Thread.sleep(INTERVAL);
      }
    } catch (InterruptedException e) {
      return 0;
    }
  }

  /** For a file, or another program: one after the other, until nobody reads it. */
  private int follow(PrintWriter out) throws CommandFailedException {
    try {
      while (true) {
        out.println(json ? shown() : shown() + "\n");
        if (out.checkError()) {
          return 0;
        }
        Thread.sleep(INTERVAL);
      }
    } catch (InterruptedException e) {
      return 0;
    }
  }

  private String shown() throws CommandFailedException {
    String reply = target.ask(new Request.GetStatus());
    Status status = StatusReader.status(reply);
    return json ? reply : Table.of(status);
  }
}
