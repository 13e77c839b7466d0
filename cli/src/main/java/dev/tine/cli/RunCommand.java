package dev.tine.cli;

import dev.tine.prefork.Prefork;
import dev.tine.run.Accept;
import dev.tine.run.Limits;
import dev.tine.run.ListenFilter;
import dev.tine.run.LivenessOptions;
import dev.tine.run.RolloutOptions;
import dev.tine.run.RunMonitor;
import dev.tine.run.RunOptions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code tine run}: any JVM server as several warm workers on one port. */
@Command(
    name = "run",
    header = "Run a JVM server as several warm worker processes on its port.",
    description = {
      "",
      "The program is started once, unchanged, and boots out of reach of its users. When it listens"
          + " (and --ready-path answers), it is warmed with requests, frozen, and workers are"
          + " forked from it that share its memory and serve on the addresses it asked for. A"
          + " worker that ends has a warm successor within milliseconds.",
      "",
      "Needs Linux on x86_64 with glibc, and for the program a HotSpot JVM from 11 on. A wrapper"
          + " script must start it with 'exec java'.",
      "",
      "  tine run --workers 4 --ready-path /health -- java -jar shop.jar"
    },
    sortOptions = false,
    synopsisHeading = "%nUsage: ",
    customSynopsis = "tine run [OPTIONS] -- COMMAND [ARGUMENT...]",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped by SIGTERM or 'tine stop'",
      "1:the program could not be run, or its workers kept dying; the reason is on standard error",
      "2:the command line was wrong",
      "130:stopped by SIGINT (Ctrl-C)"
    },
    footer = {
      "",
      "Signals: TERM and INT stop all (a second INT at once), TTIN and TTOU make one worker more or"
          + " fewer, HUP reloads, QUIT prints the monitor's threads."
    })
final class RunCommand implements Callable<Integer> {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,32}");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Worker processes, 1 to 1024 (default: as many as processors).")
  private Optional<Integer> workers = Optional.empty();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description =
          "Name for ps, logs and 'tine status': 1 to 32 letters, digits, dots, dashes, underscores"
              + " (default: of the jar or class).")
  private Optional<String> name = Optional.empty();

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS",
      converter = FilterConverter.class,
      description =
          "Share only this address of the program's: PORT, HOST:PORT or a socket's path."
              + " Repeatable (default: every address with a port).")
  private List<ListenFilter> listen = List.of();

  @Option(
      names = "--accept",
      paramLabel = "HOW",
      converter = AcceptConverter.class,
      description =
          "shared: a worker that is free takes the next connection; per-worker: each gets the same"
              + " share of them; auto: shared where threads of the program wait in accept,"
              + " per-worker where they poll (default: auto).")
  private Accept accept = Accept.AUTO;

  @Option(
      names = "--ready-path",
      paramLabel = "PATH",
      description = "Ready when GET PATH is answered with 2xx (default: when it listens).")
  private Optional<String> readyPath = Optional.empty();

  @Option(
      names = "--ready-timeout",
      paramLabel = "TIME",
      defaultValue = "60s",
      converter = DurationConverter.class,
      description = "Give up if it is not ready by then: 500ms, 60s, 5m (default: 60s).")
  private Duration readyTimeout = Duration.ofSeconds(60);

  @Mixin private WarmupArguments warmup = new WarmupArguments();

  @Mixin private RestartArguments restarts = new RestartArguments();

  @Mixin private LivenessArguments liveness = new LivenessArguments();

  @Option(
      names = "--stop-timeout",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = DurationConverter.class,
      description = "When stopped: kill what has not ended after this time (default: 30s).")
  private Duration stopTimeout = Duration.ofSeconds(30);

  @Mixin private RolloutArguments rollout = new RolloutArguments();

  @Option(
      names = "--control",
      paramLabel = "PATH",
      description = "Socket for 'tine status' and the like (default: in the runtime directory).")
  private Optional<Path> control = Optional.empty();

  @Mixin private WatchArguments watch = new WatchArguments();

  @Option(
      names = "--no-prefix",
      description = "Do not begin each line of output with the worker's id.")
  private boolean noPrefix;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Parameters(paramLabel = "COMMAND", hidden = true)
  private List<String> command = List.of();

  static final class AcceptConverter implements ITypeConverter<Accept> {
    @Override
    public Accept convert(String value) {
      try {
        return Accept.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  static final class FilterConverter implements ITypeConverter<ListenFilter> {
    @Override
    public ListenFilter convert(String value) {
      try {
        return ListenFilter.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  @Override
  public Integer call() throws CommandFailedException {
    check(
        !command.isEmpty(), "no command: put it after '--', as in: tine run -- java -jar app.jar");
    int count = workers.orElseGet(Prefork::cpuCount);
    check(count >= 1 && count <= Limits.WORKERS, "--workers must be from 1 to " + Limits.WORKERS);
    String chosen = name.orElseGet(() -> ProgramName.of(command));
    check(
        NAME.matcher(chosen).matches(),
        "--name must be 1 to 32 letters, digits, dots, dashes or underscores: " + chosen);
    readyPath.ifPresent(path -> Arguments.checkPath(spec, "--ready-path", path));
    LivenessOptions asked = liveness.options();
    RolloutOptions replaced = rollout.options();
    check(
        replaced.maxRequests().isEmpty() || !asked.timeout().isZero(),
        "--max-requests needs a --liveness-timeout: the answers tell how many requests there were");

    var options =
        new RunOptions(
            chosen,
            command,
            count,
            listen,
            accept,
            readyPath,
            readyTimeout,
            warmup.options(),
            restarts.options(),
            asked,
            control,
            stopTimeout,
            replaced,
            watch.options(),
            !noPrefix);
    var monitor =
        new RunMonitor(
            options,
            new FileOutputStream(FileDescriptor.out),
            new FileOutputStream(FileDescriptor.err),
            Terminal.isErrorShownToPerson());
    RunMonitor.Exit exit = monitor.run();
    if (exit.isOutputHeld()) {
      // All is done, and nothing is left. To print the reason would wait for a reader that may
      // never read again.
      Runtime.getRuntime().halt(exit.code());
    }
    if (!exit.reason().isEmpty()) {
      throw new CommandFailedException(exit.reason());
    }
    return exit.code();
  }

  private void check(boolean isRight, String message) {
    Arguments.check(spec, isRight, message);
  }
}
