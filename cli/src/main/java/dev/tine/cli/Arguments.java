package dev.tine.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Refuses command lines that picocli takes. */
final class Arguments {
  private Arguments() {}

  /** Refuses it with the message if that is not so. */
  static void check(CommandSpec spec, boolean isRight, String message) {
    if (!isRight) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  /** What a request for is sent as it is. */
  static void checkPath(CommandSpec spec, String option, String path) {
    check(spec, path.startsWith("/"), option + " must begin with '/': " + path);
    check(
        spec,
        path.chars().allMatch(c -> c > ' ' && c < 127),
        option + " must be of ASCII characters without spaces; write others as %XX: " + path);
  }
}
