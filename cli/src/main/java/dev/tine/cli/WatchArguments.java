package dev.tine.cli;

import dev.tine.run.HttpAddress;
import dev.tine.run.WatchOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Whom {@code tine run} tells what happens. */
final class WatchArguments {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

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

  /** What it comes to; refuses what makes no sense. */
  WatchOptions options() {
    return new WatchOptions(http, onEvent.map(this::words).orElse(List.of()), onEventTimeout);
  }

  private List<String> words(String commandLine) {
    try {
      List<String> words = Words.of(commandLine);
      Arguments.check(spec, !words.isEmpty(), "--on-event has no command");
      return words;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--on-event: " + e.getMessage());
    }
  }
}
