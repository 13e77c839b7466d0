package dev.tine.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tine demo}: {@code tine run} with the example of a Spring Boot application. */
@Command(
    name = "demo",
    header = "Run a Spring Boot application as several worker processes.",
    description = {
      "",
      "The application is the one in examples/spring-boot-shop, an executable jar that knows"
          + " nothing of Tine. It is run by 'tine run': booted once, warmed, frozen, and forked"
          + " into workers that share its memory and its port.",
      "",
      "Then, in another terminal:",
      "  curl http://127.0.0.1:8080/   # again and again: each answer names its process",
      "  ./tine status",
      "  kill -9 PID                   # of a worker, and watch its successor start",
      "",
      "Ctrl-C, or SIGTERM to the monitor, ends them all."
    },
    sortOptions = false,
    synopsisHeading = "%nUsage: ",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped by SIGTERM or 'tine stop'",
      "1:the port could not be opened, or the application could not be run",
      "2:the command line was wrong",
      "130:stopped by SIGINT (Ctrl-C)"
    })
final class DemoCommand implements Callable<Integer> {
  /** Each worker is a whole JVM; more than this is a slip of the finger. */
  private static final int MAX_WORKERS = 1024;

  /** Where the application is; the launcher tells. */
  private static final String JAR_PROPERTY = "tine.demo.jar";

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
  public Integer call() throws CommandFailedException, IOException {
    if (workers < 1 || workers > MAX_WORKERS) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--workers': '"
              + workers
              + "': must be from 1 to "
              + MAX_WORKERS);
    }
    ListenCheck.requireFree(listen);
    // The application's own port 0 would be each worker's own.
    int port = listen.port() == 0 ? FreePort.find() : listen.port();
    List<String> arguments = arguments(new ListenAddress(listen.host(), port));

    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        "The same as:%n  tine %s%n%nIn another terminal:%n  curl http://%s:%d/%n  tine status%n%n",
        String.join(" ", arguments), listen.host(), port);
    err.flush();
    return Tine.commandLine().execute(arguments.toArray(String[]::new));
  }

  private List<String> arguments(ListenAddress address) throws CommandFailedException {
    List<String> arguments =
        new ArrayList<>(List.of("run", "--name", "demo", "--ready-path", "/health"));
    arguments.addAll(List.of("--warmup-path", "/", "--warmup-path", "/products/1"));
    arguments.addAll(List.of("--workers", Integer.toString(workers), "--"));
    arguments.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    arguments.addAll(List.of("-Xmx128m", "-jar", jar().toString()));
    arguments.add("--server.address=" + address.hostWithoutBrackets());
    arguments.add("--server.port=" + address.port());
    return arguments;
  }

  private static Path jar() throws CommandFailedException {
    String given = System.getProperty(JAR_PROPERTY);
    if (given == null) {
      throw new CommandFailedException(
          "the application of the demo is in Tine's source tree only: start ./tine demo there");
    }
    Path jar = Path.of(given);
    if (!Files.isReadable(jar)) {
      throw new CommandFailedException(
          "cannot read %s: build it with: mvn -pl examples/spring-boot-shop package, in Tine's tree"
              .formatted(jar));
    }
    return jar;
  }
}
