package dev.tine.cli;

import dev.tine.run.ControlClient;
import dev.tine.run.Request;
import dev.tine.run.RuntimeDirectory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * The running program that a command is about: by its name, its control socket, or because there is
 * one only.
 */
final class Target {
  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the program (default: the one that runs).")
  private Optional<String> name = Optional.empty();

  @Option(
      names = "--control",
      paramLabel = "PATH",
      description = "Its control socket, if 'tine run' had the same option.")
  private Optional<Path> control = Optional.empty();

  /** Means the program of this name, as {@code --name} does. */
  void called(Optional<String> given) {
    name = given.or(() -> name);
  }

  /** Asks its monitor. */
  String ask(Request request) throws CommandFailedException {
    return ControlClient.ask(socket(), request, request instanceof Request.Stop);
  }

  /** Asks its monitor, and shows on standard error what happens until it answers. */
  String follow(Request request) throws CommandFailedException {
    return ControlClient.follow(socket(), request, line -> System.err.println("tine: " + line));
  }

  private Path socket() throws CommandFailedException {
    if (control.isPresent()) {
      return control.get();
    }
    if (name.isPresent()) {
      return RuntimeDirectory.controlOf(name.get());
    }
    List<String> names = RuntimeDirectory.names();
    if (names.isEmpty()) {
      throw new CommandFailedException("no program of yours runs under 'tine run'");
    }
    if (names.size() > 1) {
      throw new CommandFailedException("say which: " + String.join(", ", names));
    }
    return RuntimeDirectory.controlOf(names.getFirst());
  }
}
