package dev.tine.benchmarks.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A program while it runs, as one JVM or under {@code tine run}. */
public final class Running implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final Pattern WORKER = Pattern.compile("tine: worker id=(\\d+) pid=(\\d+) .*");
  private static final Pattern MOLD = Pattern.compile("tine: frozen .*mold=(\\d+).*");
  private static final int TAIL_LINES = 15;
  private static final int END_SECONDS = 20;

  private final Process process;
  private final int port;
  private final BlockingQueue<Line> lines = new LinkedBlockingQueue<>();
  private final List<String> seen = new ArrayList<>();
  private final List<Long> workers = new ArrayList<>();
  private long mold;
  private long toldNanos;
  private final Thread hook = new Thread(this::end);

  private record Line(String text, long nanos) {}

  private Running(List<String> command, int port) throws IOException {
    this.port = port;
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      Runtime.getRuntime().addShutdownHook(hook); // Ctrl-C
    } catch (IllegalStateException e) { // that was pressed just now
      end();
      throw e;
    }
    Thread.ofVirtual().start(this::read);
  }

  /** A command that listens at a port, as soon as it is started. */
  public static Running starting(List<String> command, int port) throws IOException {
    return new Running(command, port);
  }

  /** The same, after its first answer. */
  public static Running answering(List<String> command, int port) throws IOException {
    var running = new Running(command, port);
    try {
      running.firstAnswer();
    } catch (IOException | RuntimeException e) {
      running.close();
      throw e;
    }
    return running;
  }

  /**
   * A program under {@code tine run}, with all of its workers.
   *
   * @param program how it is started; it listens at the port
   */
  public static Running tine(List<String> options, int workers, List<String> program, int port)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(tine());
    command.addAll(List.of("run", "--name", "bench-" + port));
    command.addAll(options);
    command.addAll(List.of("--workers", Integer.toString(workers), "--"));
    command.addAll(program);
    var running = new Running(command, port);
    try {
      running.mold = Long.parseLong(running.await(MOLD).group(1));
      for (int i = 0; i < workers; i++) {
        running.nextWorker();
      }
    } catch (RuntimeException e) {
      running.close();
      throw e;
    }
    return running;
  }

  private static String tine() {
    return Path.of(System.getProperty("tine.benchmarks.root"), "tine").toString();
  }

  /**
   * Runs another command of tine on it, such as {@code reload}, and waits for its end; whether it
   * succeeded. What a failed one says goes to standard error.
   */
  public boolean change(List<String> words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(tine());
    command.addAll(words);
    command.addAll(List.of("--name", name()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.onExit().join().exitValue() == 0) {
      return true;
    }
    System.err.println(String.join(" ", words) + ": " + said);
    return false;
  }

  public int port() {
    return port;
  }

  /** What other commands of tine know it by. */
  public String name() {
    return "bench-" + port;
  }

  /** Of the JVM, or of the monitor. */
  public long pid() {
    return process.pid();
  }

  /** The mold and its workers; of a plain JVM, the JVM. */
  public List<Long> members() {
    List<Long> members = new ArrayList<>(workers);
    members.add(mold == 0 ? pid() : mold);
    return members;
  }

  /** The last of the workers. */
  public long worker() {
    return workers.getLast();
  }

  /** Waits for the monitor to tell of the next worker, which takes the place of those before. */
  public long successor() {
    workers.clear();
    return nextWorker();
  }

  /** When that was told. */
  public long toldNanos() {
    return toldNanos;
  }

  private long nextWorker() {
    workers.add(Long.parseLong(await(WORKER).group(2)));
    return worker();
  }

  /** Asks until it answers, with a new connection each time. */
  public void firstAnswer() throws IOException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      try (var connection = new Connection(port)) {
        connection.get("/");
        return;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new IOException("the program does not answer\n" + tail(), e);
        }
        Thread.onSpinWait();
      }
    }
  }

  private Matcher await(Pattern pattern) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    try {
      while (System.nanoTime() < deadline) {
        Line line = lines.poll(1, TimeUnit.SECONDS);
        if (line == null) {
          if (!process.isAlive()) {
            break;
          }
          continue;
        }
        seen.add(line.text());
        Matcher matcher = pattern.matcher(line.text());
        if (matcher.matches()) {
          toldNanos = line.nanos();
          return matcher;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IllegalStateException("no line like " + pattern + "\n" + tail());
  }

  private String tail() {
    for (Line line = lines.poll(); line != null; line = lines.poll()) {
      seen.add(line.text());
    }
    return String.join("\n", seen.subList(Math.max(0, seen.size() - TAIL_LINES), seen.size()));
  }

  private void read() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      reader.lines().forEach(line -> lines.add(new Line(line, System.nanoTime())));
    } catch (IOException | UncheckedIOException e) {
      // closed by its end
    }
  }

  /** Ends it, so that it leaves nothing behind; kills it if it does not end. */
  @Override
  public void close() {
    end();
    Runtime.getRuntime().removeShutdownHook(hook);
  }

  private void end() {
    process.destroy();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly(); // the kernel kills workers whose monitor is no more
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
