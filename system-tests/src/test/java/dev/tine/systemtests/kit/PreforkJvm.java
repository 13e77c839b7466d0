package dev.tine.systemtests.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tine.fork.Signal;
import dev.tine.systemtests.programs.PreforkWorkers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The program {@link PreforkWorkers}: a monitor, its mold, and workers that do as they are told.
 */
public final class PreforkJvm implements AutoCloseable {
  /** A line of the log is the level, a space, and the message. */
  public static final String LOG_FORMAT =
      "-Djava.util.logging.SimpleFormatter.format=%4$s %3$s: %5$s%n";

  /** The command. */
  public static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private static final String LOGGER = "dev.tine.prefork: ";

  private final TestJvm jvm;

  private PreforkJvm(TestJvm jvm) {
    this.jvm = jvm;
  }

  /** A program without core dumps, whose log has one line for each message. */
  public static TestJvm.Builder program(Class<?> type) {
    return TestJvm.of(type)
        .options(LOG_FORMAT, "-Duser.language=en")
        .launcher("sh", "-c", "ulimit -c 0; exec \"$0\" \"$@\"", JAVA);
  }

  /** Starts it with the arguments of {@link PreforkWorkers}. */
  public static PreforkJvm start(String... arguments) {
    return start(program(PreforkWorkers.class).arguments(arguments));
  }

  public static PreforkJvm start(TestJvm.Builder builder) {
    return new PreforkJvm(builder.start());
  }

  /**
   * A worker that has reported.
   *
   * @param port where it takes commands
   */
  public record Worker(int id, long pid, int port) {
    /** Carries out a command; its answer. */
    public String ask(String command) {
      return answer(command)
          .orElseThrow(
              () -> new AssertionError("%s: no answer to \"%s\"".formatted(this, command)));
    }

    /** Gives a command that it does not answer, because it ends. */
    public void tell(String command) {
      assertThat(answer(command)).as("answer of %s to \"%s\"", this, command).isEmpty();
    }

    /** Lets the shutdown hook of "hold" go; whether the answer comes first is a race. */
    public void release() {
      var _ = answer("release");
    }

    public void kill(Signal signal) {
      Kill.process(pid, signal);
    }

    private Optional<String> answer(String command) {
      try (var socket = new Socket()) {
        int limitMs = (int) TestJvm.LIMIT.toMillis();
        socket.setSoTimeout(limitMs);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), limitMs);
        socket.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
        return Optional.ofNullable(
            new BufferedReader(
                    new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                .readLine());
      } catch (SocketTimeoutException e) {
        throw new AssertionError(this + " hangs in \"" + command + "\"", e);
      } catch (IOException _) {
        return Optional.empty(); // reset: it was killed
      }
    }
  }

  public TestJvm jvm() {
    return jvm;
  }

  /** The monitor's. */
  public long pid() {
    return jvm.pid();
  }

  /** Waits for the next worker with this id. */
  public Worker worker(int id) {
    MatchResult line = jvm.awaitLine("worker " + id + " ([0-9]+) ([0-9]+)");
    return new Worker(id, Long.parseLong(line.group(1)), Integer.parseInt(line.group(2)));
  }

  /** Waits for workers 0 to {@code count - 1}. */
  public List<Worker> workers(int count) {
    return IntStream.range(0, count).mapToObj(this::worker).toList();
  }

  /** The pid of the mold. */
  public long mold() {
    return Proc.children(pid()).stream()
        .filter(child -> Proc.title(child).startsWith("tine: mold "))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no mold" + jvm.report()));
  }

  /** The log so far: level and message of each line; anything else on standard error as it is. */
  public List<String> log() {
    return jvm.errorLines().stream().map(line -> line.replace(LOGGER, "")).toList();
  }

  /** Waits for a message that no call has returned yet. */
  public void awaitLog(String level, String message) {
    jvm.awaitErrorLine(Pattern.quote(level + " " + LOGGER + message));
  }

  /** Waits for the exit of the monitor, which has not exited before the last worker. */
  public void expectExit(int code) {
    assertThat(jvm.exitCode()).as("exit code%s", jvm.report()).isEqualTo(code);
    jvm.assertNothingLeft();
    // What the monitor's own shutdown hook has seen.
    jvm.awaitLine("monitor ends: task id OptionalInt.empty, children \\[\\]");
  }

  /** Ends everything in an orderly way. */
  public void stop() {
    Kill.process(pid(), Signal.TERM);
    expectExit(128 + Signal.TERM.number());
  }

  /** Waits until a process that was a child of the monitor is gone, and is no zombie. */
  public void awaitGone(long pid) {
    await("end of " + pid).atMost(TestJvm.LIMIT).until(() -> Proc.state(pid) == '-');
  }

  /** Creates the file for which {@link PreforkWorkers} waits; the test deletes it. */
  public void touch(String name) {
    try {
      Files.createFile(jvm.directory().resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    jvm.close();
  }
}
