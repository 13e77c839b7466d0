package dev.tine.benchmarks.server;

import dev.tine.benchmarks.client.Ports;
import dev.tine.benchmarks.client.Requests;
import dev.tine.benchmarks.client.Running;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The program under measurement: examples/spring-boot-shop.
 *
 * @param root of Tine's source tree
 * @param options of its JVM
 * @param historyMb how much it keeps in memory
 */
public record Program(Path root, List<String> options, int historyMb) {
  /** Copies the list. */
  public Program {
    options = List.copyOf(options);
  }

  /** The one in this source tree. */
  public static Program of(List<String> options, int historyMb) {
    return new Program(Path.of(System.getProperty("tine.benchmarks.root")), options, historyMb);
  }

  /** How to start it. */
  public List<String> command(int port) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-jar");
    command.add(root.resolve("examples/spring-boot-shop/target/spring-boot-shop.jar").toString());
    command.add("--server.address=127.0.0.1");
    command.add("--server.port=" + port);
    command.add("--shop.history-mb=" + historyMb);
    return command;
  }

  /** Starts it as one JVM. */
  public Running starting() throws IOException {
    int port = Ports.free();
    return Running.starting(command(port), port);
  }

  /** The same, after its first answer. */
  public Running booted() throws IOException {
    int port = Ports.free();
    return Running.answering(command(port), port);
  }

  /**
   * Starts it under {@code tine run}, warmed with so many requests; empty: as it does by default.
   */
  public Running underTine(int workers, OptionalInt warmUp) throws IOException {
    return underTine(workers, warmUp, List.of());
  }

  /** The same with more options of {@code tine run}. */
  public Running underTine(int workers, OptionalInt warmUp, List<String> more) throws IOException {
    List<String> with = new ArrayList<>(List.of("--ready-path", "/health"));
    with.addAll(List.of("--ready-timeout", "120s"));
    with.addAll(more);
    Requests.PATHS.forEach(path -> with.addAll(List.of("--warmup-path", path)));
    warmUp.ifPresent(
        requests -> with.addAll(List.of("--warmup-requests", Integer.toString(requests))));
    int port = Ports.free();
    return Running.tine(with, workers, command(port), port);
  }
}
