package dev.tine.cli;

import dev.tine.run.LivenessOptions;
import dev.tine.run.OnStuck;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** How {@code tine run} finds workers that are stuck. */
final class LivenessArguments {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--liveness-interval",
      paramLabel = "TIME",
      defaultValue = "5s",
      converter = DurationConverter.class,
      description = "Ask each worker this often to run a little Java code (default: 5s).")
  private Duration interval = Duration.ofSeconds(5);

  @Option(
      names = "--liveness-timeout",
      paramLabel = "TIME",
      defaultValue = "60s",
      converter = DurationConverter.class,
      description =
          "Replace a worker that has not answered for so long, and keep evidence. Five times as"
              + " long while its collector works. 0s: never ask (default: 60s).")
  private Duration timeout = Duration.ofSeconds(60);

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

  /** What it comes to; refuses what makes no sense. */
  LivenessOptions options() {
    Arguments.check(spec, interval.toMillis() >= 100, "--liveness-interval must be at least 100ms");
    Arguments.check(
        spec,
        timeout.isZero() || timeout.compareTo(interval.multipliedBy(2)) >= 0,
        "--liveness-timeout must be at least twice --liveness-interval, or 0s");
    return new LivenessOptions(
        interval, timeout, onDeadlock, onCollectorSpiral, cores, evidenceDirectory);
  }
}
