package dev.tine.cli;

import dev.tine.run.RolloutOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How {@code tine run} replaces workers. */
final class RolloutArguments {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

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

  /** What it comes to; refuses what makes no sense. */
  RolloutOptions options() {
    Arguments.check(spec, maxSurge >= 1, "--max-surge must be at least 1");
    Arguments.check(spec, keepMolds >= 0, "--keep-molds must not be negative");
    maxPss.ifPresent(n -> Arguments.check(spec, n >= 1, "--max-pss must be at least 1"));
    Arguments.check(spec, maxRequests.orElse(1L) > 0, "--max-requests must be at least 1");
    return new RolloutOptions(
        probation,
        maxSurge,
        drainTimeout,
        keepMolds,
        maxAge,
        maxRequests.map(OptionalLong::of).orElse(OptionalLong.empty()),
        maxPss.map(mb -> OptionalLong.of(mb * 1_048_576L)).orElse(OptionalLong.empty()));
  }
}
