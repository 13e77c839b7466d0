package dev.tine.cli;

import dev.tine.run.WarmupOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How {@code tine run} warms a program. */
final class WarmupArguments {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--warmup-path",
      paramLabel = "PATH",
      description = "Warm with GET PATH. Repeatable: in turn (default: the ready path, or \"/\").")
  private List<String> paths = List.of();

  @Option(
      names = "--warmup-requests",
      paramLabel = "N",
      description =
          "Warm with N requests; 0: not at all (default: until it gets no faster and its compilers"
              + " are quiet).")
  private Optional<Integer> requests = Optional.empty();

  @Option(
      names = "--warmup-seconds",
      paramLabel = "S",
      description =
          "Warm for S seconds (default: until it gets no faster and its compilers are quiet, at"
              + " most 60).")
  private Optional<Integer> seconds = Optional.empty();

  /** What it comes to; refuses what makes no sense. */
  WarmupOptions options() {
    paths.forEach(path -> Arguments.checkPath(spec, "--warmup-path", path));
    requests.ifPresent(
        n -> Arguments.check(spec, n >= 0, "--warmup-requests must not be negative"));
    seconds.ifPresent(n -> Arguments.check(spec, n >= 0, "--warmup-seconds must not be negative"));
    return new WarmupOptions(paths, requests, seconds.map(n -> Duration.ofSeconds(n)));
  }
}
