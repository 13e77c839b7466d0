package dev.tine.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * {@code tine train}: runs and stops a small server, as users do, so that a JVM that records what
 * it loads has seen what a monitor needs. The launcher makes its cache of classes so.
 */
@Command(name = "train", hidden = true, header = "Run a small server, ask for its status, stop it.")
final class TrainCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration INTERVAL = Duration.ofMillis(100);

  @Override
  public Integer call() throws IOException {
    String name = "train-" + ProcessHandle.current().pid();
    Path empty = Files.createTempDirectory("tine-train-");
    // A daemon: its 'stop' has its answer when this process ends.
    Thread.ofPlatform().daemon().start(() -> use(name));
    try {
      return Tine.commandLine()
          .execute(
              "run",
              "--name",
              name,
              "--workers",
              "1",
              "--warmup-requests",
              "50",
              "--",
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:+UseSerialGC",
              "-Xmx32m",
              "--module",
              "jdk.httpserver",
              "--port",
              Integer.toString(FreePort.find()),
              "--directory",
              empty.toString(),
              "--output",
              "none");
    } finally {
      Files.delete(empty);
    }
  }

  /** Asks until there is a worker, then stops it all; if none comes, nobody shall wait for it. */
  private static void use(String name) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!tine("status", name, "--json").contains("\"worker\"")) {
      if (System.nanoTime() > deadline) {
        Runtime.getRuntime().halt(1);
      }
      LockSupport.parkNanos(INTERVAL.toNanos());
    }
    tine("status", name);
    tine("stop", name);
  }

  private static String tine(String... arguments) {
    var out = new StringWriter();
    CommandLine line = Tine.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(new StringWriter(), true));
    return line.execute(arguments) == 0 ? out.toString() : "";
  }
}
