package dev.tine.cli;

import dev.tine.run.Request;
import dev.tine.run.Status;
import dev.tine.run.StatusReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tine dump}. */
@Command(
    name = "dump",
    header = "Print a worker's threads.",
    description = {"", "As jcmd does, which must be there: a JDK, not only a runtime."},
    sortOptions = false,
    synopsisHeading = "%nUsage: ",
    parameterListHeading = "%nParameters:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:no such program or worker, or its monitor refused; the reason is on standard error",
      "2:the command line was wrong"
    })
final class DumpCommand implements Callable<Integer> {
  @Mixin private Target target = new Target();

  @Parameters(paramLabel = "ID", description = "Id of the worker.")
  private int number;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Override
  public Integer call() throws CommandFailedException {
    Status status = StatusReader.status(target.ask(new Request.GetStatus()));
    int pid =
        status.processes().stream()
            .filter(process -> process.id() == number)
            .mapToInt(Status.Member::pid)
            .findFirst()
            .orElseThrow(() -> new CommandFailedException("there is no worker " + number));
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    try {
      return new ProcessBuilder(jcmd.toString(), Integer.toString(pid), "Thread.print", "-l")
          .inheritIO()
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new CommandFailedException("cannot run jcmd: " + e.getMessage());
    } catch (InterruptedException e) {
      return 1;
    }
  }
}
