package dev.tine.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process under measurement, which is told things line by line and answers so. Its standard error
 * is that of this process.
 */
public final class Jvm implements AutoCloseable {
  private final Process process;
  private final Writer input;
  private final BlockingQueue<Optional<String>> output = new LinkedBlockingQueue<>();

  private Jvm(List<String> command) {
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    Thread.ofVirtual().start(this::readOutput);
    // Its children may outlive it, and hold on to our terminal.
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  /** Any command. */
  public static Jvm ofCommand(String... command) {
    return new Jvm(List.of(command));
  }

  /** {@code main} in a JVM like this one. */
  public static Jvm of(Class<?> main, List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options);
    command.add(main.getName());
    command.addAll(arguments);
    return new Jvm(command);
  }

  public long pid() {
    return process.pid();
  }

  public void tell(String line) {
    try {
      input.write(line + "\n");
      input.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("process " + pid() + " does not listen any more", e);
    }
  }

  /**
   * The next line it prints; empty at the end.
   *
   * @throws SilentException if it says nothing for {@code limit}
   */
  public Optional<String> hear(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      while (System.nanoTime() < deadline) {
        // Alive or not is asked first: what it said before its end is in the queue, or about to be.
        boolean isAlive = process.isAlive();
        Optional<String> line = output.poll(1, TimeUnit.SECONDS);
        if (line != null) {
          return line;
        }
        if (!isAlive) { // a forked child that still lives may hold the pipe open
          return Optional.empty();
        }
      }
      throw new SilentException(
          "process " + pid() + " says nothing for " + limit.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SilentException("interrupted");
    }
  }

  /** Kills it and its descendants. Idempotent. */
  @Override
  public void close() {
    List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
    family.add(process.toHandle());
    family.forEach(ProcessHandle::destroyForcibly);
  }

  private void readOutput() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      reader.lines().map(Optional::of).forEach(output::add);
    } catch (IOException | UncheckedIOException e) {
      // Closed by the end of the process: what it had to say is said.
    }
    output.add(Optional.empty());
  }

  /** The process does not answer. */
  public static final class SilentException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SilentException(String message) {
      super(message);
    }
  }
}
