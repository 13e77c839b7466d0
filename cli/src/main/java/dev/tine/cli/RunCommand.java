package dev.tine.cli;

import dev.tine.prefork.Prefork;
import dev.tine.run.Accept;
import dev.tine.run.HttpAddress;
import dev.tine.run.Limits;
import dev.tine.run.ListenFilter;
import dev.tine.run.LivenessOptions;
import dev.tine.run.OnGiveUp;
import dev.tine.run.OnStuck;
import dev.tine.run.RestartLimit;
import dev.tine.run.RestartPolicy;
import dev.tine.run.RolloutOptions;
import dev.tine.run.RunMonitor;
import dev.tine.run.RunOptions;
import dev.tine.run.WarmupOptions;
import dev.tine.run.WatchOptions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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

  @Option(
      names = "--warmup-path",
      paramLabel = "PATH",
      description = "Warm with GET PATH. Repeatable: in turn (default: the ready path, or \"/\").")
  private List<String> warmupPaths = List.of();

  @Option(
      names = "--warmup-requests",
      paramLabel = "N",
      description =
          "Warm with N requests; 0: not at all (default: until it gets no faster and its compilers"
              + " are quiet).")
  private Optional<Integer> warmupRequests = Optional.empty();

  @Option(
      names = "--warmup-seconds",
      paramLabel = "S",
      description =
          "Warm for S seconds (default: until it gets no faster and its compilers are quiet, at"
              + " most 60).")
  private Optional<Integer> warmupSeconds = Optional.empty();

  @Option(
      names = "--max-restarts",
      paramLabel = "N",
      description = "Give up after N restarts of all workers together (default: never).")
  private Optional<Integer> maxRestarts = Optional.empty();

  @Option(
      names = "--restart-limit",
      paramLabel = "N/TIME",
      converter = RestartLimitConverter.class,
      description =
          "Give up a worker that was restarted N times within TIME, as in 10/5m. The delays between"
              + " early ends let through 11 a minute (default: never).")
  private Optional<RestartLimit> restartLimit = Optional.empty();

  @Option(
      names = "--restart-limit-all",
      paramLabel = "N/TIME",
      converter = RestartLimitConverter.class,
      description = "The same for all workers together (default: never).")
  private Optional<RestartLimit> restartLimitAll = Optional.empty();

  @Option(
      names = "--permanent-exit",
      paramLabel = "CODE",
      split = ",",
      description =
          "Give up a worker that exits with this code, because its successor would too, as in"
              + " 3,78. Repeatable (default: none).")
  private Set<Integer> permanentExits = Set.of();

  @Option(
      names = "--on-give-up",
      paramLabel = "WHAT",
      defaultValue = "stop-all",
      converter = OnGiveUpConverter.class,
      description =
          "What giving up means. stop-all: stop all workers and exit with 1. stop-id: leave this"
              + " worker down; 'tine status' shows one too few. degrade: the same, and one fewer is"
              + " wanted from now on. When the last one is given up, all is stopped. 'tine restart"
              + " ID' or 'tine scale N' try again (default: stop-all).")
  private OnGiveUp onGiveUp = OnGiveUp.STOP_ALL;

  @Option(
      names = "--healthy-after",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = DurationConverter.class,
      description =
          "A worker that has lived so long is healthy: the next one that ends has a successor at"
              + " once (default: 30s).")
  private Duration healthyAfter = Duration.ofSeconds(30);

  @Option(
      names = "--liveness-interval",
      paramLabel = "TIME",
      defaultValue = "5s",
      converter = DurationConverter.class,
      description = "Ask each worker this often to run a little Java code (default: 5s).")
  private Duration livenessInterval = Duration.ofSeconds(5);

  @Option(
      names = "--liveness-timeout",
      paramLabel = "TIME",
      defaultValue = "60s",
      converter = DurationConverter.class,
      description =
          "Replace a worker that has not answered for so long, and keep evidence. Five times as"
              + " long while its collector works. 0s: never ask (default: 60s).")
  private Duration livenessTimeout = Duration.ofSeconds(60);

  @Option(
      names = "--on-deadlock",
      paramLabel = "WHAT",
      defaultValue = "report",
      converter = OnStuckConverter.class,
      description =
          "What to do about a worker with threads in a deadlock: report, or replace (default:"
              + " report).")
  private OnStuck onDeadlock = OnStuck.REPORT;

  @Option(
      names = "--on-gc-spiral",
      paramLabel = "WHAT",
      defaultValue = "report",
      converter = OnStuckConverter.class,
      description =
          "What to do about a worker that only collects garbage for as long as --liveness-timeout:"
              + " report, or replace (default: report).")
  private OnStuck onCollectorSpiral = OnStuck.REPORT;

  @Option(
      names = "--cores",
      description = "Before a stuck worker is killed, abort it for a core dump.")
  private boolean cores;

  @Option(
      names = "--evidence-dir",
      paramLabel = "DIR",
      description =
          "Keep reports about stuck workers there, the last 20 (default: in the runtime directory,"
              + " as long as the program runs).")
  private Optional<Path> evidenceDirectory = Optional.empty();

  @Option(
      names = "--stop-timeout",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = DurationConverter.class,
      description = "When stopped: kill what has not ended after this time (default: 30s).")
  private Duration stopTimeout = Duration.ofSeconds(30);

  @Option(
      names = "--drain-timeout",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = DurationConverter.class,
      description =
          "When replaced: kill a worker that has not finished and ended after this time"
              + " (default: 30s).")
  private Duration drainTimeout = Duration.ofSeconds(30);

  @Option(
      names = "--probation",
      paramLabel = "TIME",
      defaultValue = "5s",
      converter = DurationConverter.class,
      description = "For how long the first worker of a reload must be healthy (default: 5s).")
  private Duration probation = Duration.ofSeconds(5);

  @Option(
      names = "--max-surge",
      paramLabel = "N",
      defaultValue = "1",
      description = "Replace at most N workers at a time (default: 1).")
  private int maxSurge = 1;

  @Option(
      names = "--keep-molds",
      paramLabel = "N",
      defaultValue = "1",
      description = "Keep N former generations for 'tine rollback' (default: 1).")
  private int keepMolds = 1;

  @Option(
      names = "--max-age",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "Replace a worker that is older, 10 %% more or less (default: never).")
  private Optional<Duration> maxAge = Optional.empty();

  @Option(
      names = "--max-requests",
      paramLabel = "N",
      description = {
        "Replace a worker that has begun more requests, 10 %% more or less; a request is a call of"
            + " Worker.deadline, see docs/OPERATIONS.md (default: never)."
      })
  private Optional<Long> maxRequests = Optional.empty();

  @Option(
      names = "--max-pss",
      paramLabel = "MB",
      description =
          "Replace a worker whose share of memory is larger, 10 %% more or less (default: never).")
  private Optional<Integer> maxPss = Optional.empty();

  @Option(
      names = "--control",
      paramLabel = "PATH",
      description = "Socket for 'tine status' and the like (default: in the runtime directory).")
  private Optional<Path> control = Optional.empty();

  @Option(
      names = "--http",
      paramLabel = "ADDRESS",
      converter = HttpConverter.class,
      description =
          "Serve a status page, /metrics, /health/live and /health/ready: PORT on the loopback"
              + " device, or ADDRESS:PORT (default: nowhere).")
  private Optional<HttpAddress> http = Optional.empty();

  @Option(
      names = "--on-event",
      paramLabel = "COMMAND",
      description =
          "Run this for each event, with TINE_EVENT and TINE_FIELD_... in its environment. No shell"
              + " but \"sh -c '...'\" (default: nothing).")
  private Optional<String> onEvent = Optional.empty();

  @Option(
      names = "--on-event-timeout",
      paramLabel = "TIME",
      defaultValue = "10s",
      converter = DurationConverter.class,
      description = "Kill it after this time (default: 10s).")
  private Duration onEventTimeout = Duration.ofSeconds(10);

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

  static final class RestartLimitConverter implements ITypeConverter<RestartLimit> {
    private static final Pattern LIMIT = Pattern.compile("([0-9]{1,6})/(.*)");

    @Override
    public RestartLimit convert(String value) {
      Matcher limit = LIMIT.matcher(value);
      if (!limit.matches()) {
        throw new TypeConversionException(
            "'" + value + "' is not a number of restarts and a time, as in 10/60s");
      }
      Duration period = new DurationConverter().convert(limit.group(2));
      return new RestartLimit(Integer.parseInt(limit.group(1)), period);
    }
  }

  static final class OnGiveUpConverter implements ITypeConverter<OnGiveUp> {
    @Override
    public OnGiveUp convert(String value) {
      return switch (value) {
        case "stop-id" -> OnGiveUp.STOP_ID;
        case "degrade" -> OnGiveUp.DEGRADE;
        case "stop-all" -> OnGiveUp.STOP_ALL;
        default ->
            throw new TypeConversionException(
                "'" + value + "' is none of stop-id, degrade, stop-all");
      };
    }
  }

  static final class OnStuckConverter implements ITypeConverter<OnStuck> {
    @Override
    public OnStuck convert(String value) {
      return switch (value) {
        case "report" -> OnStuck.REPORT;
        case "replace" -> OnStuck.REPLACE;
        default ->
            throw new TypeConversionException("'" + value + "' is neither report nor replace");
      };
    }
  }

  static final class HttpConverter implements ITypeConverter<HttpAddress> {
    @Override
    public HttpAddress convert(String value) {
      try {
        return HttpAddress.parse(value);
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
    readyPath.ifPresent(path -> checkPath("--ready-path", path));
    warmupPaths.forEach(path -> checkPath("--warmup-path", path));
    warmupRequests.ifPresent(n -> check(n >= 0, "--warmup-requests must not be negative"));
    warmupSeconds.ifPresent(n -> check(n >= 0, "--warmup-seconds must not be negative"));
    check(maxSurge >= 1, "--max-surge must be at least 1");
    check(keepMolds >= 0, "--keep-molds must not be negative");
    maxPss.ifPresent(n -> check(n >= 1, "--max-pss must be at least 1"));
    maxRestarts.ifPresent(n -> check(n >= 0, "--max-restarts must not be negative"));

    check(
        permanentExits.stream().allMatch(code -> code >= 0 && code <= 255),
        "--permanent-exit must be from 0 to 255");
    check(livenessInterval.toMillis() >= 100, "--liveness-interval must be at least 100ms");
    check(
        livenessTimeout.isZero()
            || livenessTimeout.compareTo(livenessInterval.multipliedBy(2)) >= 0,
        "--liveness-timeout must be at least twice --liveness-interval, or 0s");
    check(
        maxRequests.isEmpty() || !livenessTimeout.isZero(),
        "--max-requests needs a --liveness-timeout: the answers tell how many requests there were");
    check(maxRequests.orElse(1L) > 0, "--max-requests must be at least 1");

    var options =
        new RunOptions(
            chosen,
            command,
            count,
            listen,
            accept,
            readyPath,
            readyTimeout,
            new WarmupOptions(
                warmupPaths,
                warmupRequests,
                warmupSeconds.map(seconds -> Duration.ofSeconds(seconds))),
            new RestartPolicy(
                maxRestarts, restartLimit, restartLimitAll, permanentExits, healthyAfter, onGiveUp),
            new LivenessOptions(
                livenessInterval,
                livenessTimeout,
                onDeadlock,
                onCollectorSpiral,
                cores,
                evidenceDirectory),
            control,
            stopTimeout,
            new RolloutOptions(
                probation,
                maxSurge,
                drainTimeout,
                keepMolds,
                maxAge,
                maxRequests.map(OptionalLong::of).orElse(OptionalLong.empty()),
                maxPss.map(mb -> OptionalLong.of(mb * 1_048_576L)).orElse(OptionalLong.empty())),
            new WatchOptions(http, onEvent.map(this::words).orElse(List.of()), onEventTimeout),
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

  private List<String> words(String commandLine) {
    try {
      List<String> words = Words.of(commandLine);
      check(!words.isEmpty(), "--on-event has no command");
      return words;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--on-event: " + e.getMessage());
    }
  }

  private void checkPath(String option, String path) {
    check(path.startsWith("/"), option + " must begin with '/': " + path);
    check(
        path.chars().allMatch(c -> c > ' ' && c < 127),
        option + " must be of ASCII characters without spaces; write others as %XX: " + path);
  }

  private void check(boolean isRight, String message) {
    if (!isRight) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
