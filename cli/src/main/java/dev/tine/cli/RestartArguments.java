package dev.tine.cli;

import dev.tine.run.OnGiveUp;
import dev.tine.run.RestartLimit;
import dev.tine.run.RestartPolicy;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** When {@code tine run} gives up a worker. */
final class RestartArguments {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

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

  /** What it comes to; refuses what makes no sense. */
  RestartPolicy options() {
    maxRestarts.ifPresent(
        n -> Arguments.check(spec, n >= 0, "--max-restarts must not be negative"));
    Arguments.check(
        spec,
        permanentExits.stream().allMatch(code -> code >= 0 && code <= 255),
        "--permanent-exit must be from 0 to 255");
    return new RestartPolicy(
        maxRestarts, restartLimit, restartLimitAll, permanentExits, healthyAfter, onGiveUp);
  }
}
