package dev.tine.benchmarks;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** How the commands of this module read their arguments. */
final class CommandLines {
  private CommandLines() {}

  /** Runs {@code command} and ends the process with its exit code; 2: the arguments are wrong. */
  static void run(Callable<Integer> command, String[] args) {
    CommandLine line =
        new CommandLine(command)
            .setUsageHelpAutoWidth(true)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler((exception, given) -> {
              String name = exception.getCommandLine().getCommandName();
              System.err.printf(
                  "%s: %s (%s --help explains)%n", name, exception.getMessage(), name);
              return CommandLine.ExitCode.USAGE;
            })
            .setExecutionExceptionHandler((exception, failed, parsed) -> {
              progress("");
              if (exception instanceof IOException || exception instanceof IllegalStateException) {
                System.err.printf("%s: %s%n", failed.getCommandName(), exception.getMessage());
              } else {
                exception.printStackTrace();
              }
              return CommandLine.ExitCode.SOFTWARE;
            });
    System.exit(line.execute(args));
  }

  /** Shows a text in the place of the last one, if a person watches. */
  static void progress(String text) {
    if (Boolean.getBoolean("tine.benchmarks.terminal")) { // the launcher knows
      System.err.print("\r\033[K" + text);
      System.err.flush();
    }
  }

  /** Refuses a value outside of its range. */
  static void check(CommandLine commandLine, String option, long value, long least, long most) {
    if (value < least || value > most) {
      throw new CommandLine.ParameterException(
          commandLine, "%s %d: not from %d to %d".formatted(option, value, least, most));
    }
  }
}
