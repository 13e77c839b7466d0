package dev.tine.cli;

import dev.tine.fork.ForkException;
import dev.tine.prefork.TooManyRestartsException;
import dev.tine.run.RunFailedException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** How a failure is told to the user: one line that names what is wrong, and the cure. */
final class Failures {
  private Failures() {}

  static int onWrongCommandLine(ParameterException exception, String[] args) {
    CommandLine command = exception.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    PrintWriter err = command.getErr();

    err.println(name + ": " + exception.getMessage());
    UnmatchedArgumentException.printSuggestions(exception, err);
    err.println("Try '" + name + " --help'.");
    return ExitCode.USAGE;
  }

  static int onException(Exception exception, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    String name = command.getCommandSpec().qualifiedName();

    switch (exception) {
      // These say all the user needs; a stack trace would hide it.
      case CommandFailedException _,
          ForkException _,
          RunFailedException _,
          TooManyRestartsException _ ->
          err.println(name + ": " + exception.getMessage());
      default -> {
        err.println(name + ": unexpected failure, please report it with the lines below");
        exception.printStackTrace(err);
      }
    }
    return ExitCode.SOFTWARE;
  }
}
