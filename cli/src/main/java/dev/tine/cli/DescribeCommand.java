package dev.tine.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code tine describe}: writes down what the command line is, for man(1) and for shells. The
 * distribution is made with it.
 */
@Command(
    name = "describe",
    hidden = true,
    header = "Write the manual page and the completion of shells.")
final class DescribeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIRECTORY", description = "The share directory to write to.")
  private Path directory = Path.of("");

  @Override
  public Integer call() throws IOException {
    CommandLine tine = Tine.commandLine();
    write("man/man1/tine.1", ManPage.of(tine, new Version().getVersion()[0]));
    write("bash-completion/completions/tine", AutoComplete.bash("tine", tine));
    return 0;
  }

  private void write(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
