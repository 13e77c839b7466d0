package dev.tine.cli;

import dev.tine.examples.hello.HelloPrefork;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tine demo}: the hello-prefork example, run on the spot. */
@Command(
    name = "demo",
    header = "Run a small HTTP server that is forked into several worker processes.",
    description = {
      "",
      "The server binds its port and is booted once; then it is forked into workers that share its"
          + " memory and its port. A worker that dies is replaced. Each answer names the worker"
          + " that gave it.",
      "",
      "Then, in another terminal:",
      "  curl http://127.0.0.1:8080/   # again and again: the workers take turns",
      "  ps -eo pid,ppid,args | grep '[t]ine:'",
      "  kill -9 PID                   # of a worker, and watch its successor start",
      "",
      "Ctrl-C, or SIGTERM to the monitor, ends them all."
    },
    sortOptions = false,
    synopsisHeading = "%nUsage: ",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all workers ended normally",
      "1:the port could not be opened, the fork was refused, or too many workers died",
      "2:the command line was wrong"
    })
final class DemoCommand implements Callable<Integer> {
  /** Each worker is a whole JVM; more than this is a slip of the finger. */
  private static final int MAX_WORKERS = 1024;

  /** What {@code ps} calls the program; by default that is the main class of this command. */
  private static final String NAME_PROPERTY = "dev.tine.name";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8080",
      converter = ListenAddress.Converter.class,
      description = "Address to serve on (default: ${DEFAULT-VALUE}). Port 0 takes any free port.")
  private ListenAddress listen = new ListenAddress("127.0.0.1", 8080);

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "2",
      description = "Number of worker processes, 1 to 1024 (default: ${DEFAULT-VALUE}).")
  private int workers = 2;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Override
  public Integer call() throws Exception {
    if (workers < 1 || workers > MAX_WORKERS) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--workers': '"
              + workers
              + "': must be from 1 to "
              + MAX_WORKERS);
    }

    ListenCheck.requireFree(listen);
    if (System.getProperty(NAME_PROPERTY) == null) {
      System.setProperty(NAME_PROPERTY, "demo");
    }
    HelloPrefork.main(
        new String[] {"--listen", listen.toString(), "--workers", Integer.toString(workers)});
    return CommandLine.ExitCode.OK;
  }
}
