package dev.tine.benchmarks.peers;

import dev.tine.benchmarks.client.Memory;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that a benchmark has started, with its descendants. What it prints goes to a file. */
final class Family implements AutoCloseable {
  private static final int END_SECONDS = 15;
  private static final int TAIL_LINES = 12;

  private final Process process;
  private final Path log;
  private final Thread hook = new Thread(this::end);

  private Family(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  static Family start(List<String> command) throws IOException {
    Path log = Files.createTempFile("tine-servers-", ".log");
    File output = log.toFile();
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output)
              .redirectInput(new File("/dev/null"))
              .start();
    } catch (IOException e) {
      Files.delete(log);
      throw e;
    }
    var family = new Family(process, log);
    try {
      Runtime.getRuntime().addShutdownHook(family.hook); // Ctrl-C
    } catch (IllegalStateException e) { // that was pressed just now
      family.end();
      throw e;
    }
    return family;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Each page once. */
  double pssMegabytes() throws IOException {
    List<Long> pids = new ArrayList<>(process.descendants().map(ProcessHandle::pid).toList());
    pids.add(pid());
    return Memory.of(pids).pss();
  }

  /** What it has printed last. */
  String tail() {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    } catch (IOException e) {
      return "its output cannot be read: " + e;
    }
  }

  /** Asks it to end, and kills what has not ended. */
  @Override
  public void close() {
    end();
    Runtime.getRuntime().removeShutdownHook(hook);
  }

  private void end() {
    // Before its end: afterwards nobody could tell whose the descendants were.
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    // A handle knows when its process began: a number that was used again is not killed.
    descendants.forEach(ProcessHandle::destroyForcibly);
    try {
      Files.deleteIfExists(log);
    } catch (IOException e) {
      System.err.println("cannot delete " + log + ": " + e);
    }
  }
}
