package dev.tine.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The {@code tine} command. Without a sub-command it prints its help. */
@Command(
    name = "tine",
    header = "A real fork() for the JVM: boot and warm up once, serve from many processes.%n",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RunCommand.class,
      StatusCommand.class,
      ScaleCommand.class,
      RestartCommand.class,
      ReloadCommand.class,
      RollbackCommand.class,
      ReforkCommand.class,
      LogsCommand.class,
      DumpCommand.class,
      StopCommand.class,
      AuditCommand.class,
      DemoCommand.class,
      TrainCommand.class,
      DescribeCommand.class,
      HelpCommand.class
    },
    versionProvider = Version.class,
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done, or all workers ended normally",
      "1:the command failed; the reason is on standard error",
      "2:the command line was wrong"
    },
    footer = {"", "@|italic tine COMMAND --help|@ explains a command."})
final class Tine implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Option(names = "--version", versionHelp = true, description = "Print the version.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean version;

  private Tine() {}

  /** Runs the command line {@code args}. */
  public static void main(String[] args) {
    int exitCode = commandLine().execute(args);
    // A successful command may have left a server behind: exit(0) would end it, a return does not.
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  static CommandLine commandLine() {
    return new CommandLine(new Tine())
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(Failures::onWrongCommandLine)
        .setExecutionExceptionHandler(Failures::onException);
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
