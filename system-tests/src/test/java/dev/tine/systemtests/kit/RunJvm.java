package dev.tine.systemtests.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tine.fork.Signal;
import dev.tine.systemtests.programs.PlainServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code tine run} and all that comes of it. */
public final class RunJvm implements AutoCloseable {
  /** The monitor is as small as the launcher of the tine command makes it, launch.sh. */
  private static final List<String> SMALL =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xms4m",
          "-Xmn2m",
          "-XX:SurvivorRatio=1",
          "-Xmx64m",
          "-Xss512k",
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:TrimNativeHeapInterval=5000");

  private static final String TINE = "dev.tine.cli.Tine";
  private static final int COMMAND_SECONDS = 60;
  private static final String RUNTIME = "XDG_RUNTIME_DIR";
  private static final Pattern PAGE = Pattern.compile("(?:pid )?([0-9]+)\\s");

  private final TestJvm monitor;
  private final int port;

  private RunJvm(TestJvm monitor, int port) {
    this.monitor = monitor;
    this.port = port;
  }

  /** Starts it for {@link PlainServer} on a port that is free. */
  public static RunJvm plain(List<String> options, String... misbehaviour) {
    return plain(List.of(), options, misbehaviour);
  }

  /**
   * The same, of another command that starts it.
   *
   * @param launcher comes before {@code java}
   */
  public static RunJvm plain(List<String> launcher, List<String> options, String... misbehaviour) {
    int port = freePort();
    List<String> command = new ArrayList<>(javaCommand());
    command.add(PlainServer.class.getName());
    command.add(Integer.toString(port));
    command.addAll(List.of(misbehaviour));
    return start(launcher, options, command, port);
  }

  /** The JVM of the tests, with their class path, small. */
  public static List<String> javaCommand() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xmx64m",
        "-cp",
        System.getProperty("java.class.path"));
  }

  /**
   * Starts it.
   *
   * @param port that the program listens at
   */
  public static RunJvm start(List<String> options, List<String> command, int port) {
    return start(List.of(), options, command, port);
  }

  /** The same, with the library that has a fault to inject at every stage. */
  public static RunJvm startWithFaults(List<String> options, List<String> command, int port) {
    return new RunJvm(builder(List.of(), options, command).withFaults().start(), port);
  }

  /**
   * The same, of another command that starts it.
   *
   * @param launcher comes before {@code java}
   */
  public static RunJvm start(
      List<String> launcher, List<String> options, List<String> command, int port) {
    return new RunJvm(builder(launcher, options, command).start(), port);
  }

  private static TestJvm.Builder builder(
      List<String> launcher, List<String> options, List<String> command) {
    List<String> arguments = new ArrayList<>(List.of("run", "--name", "test"));
    arguments.addAll(options);
    arguments.add("--");
    arguments.addAll(command);
    List<String> java = new ArrayList<>(launcher);
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(SMALL);
    return TestJvm.of(TINE)
        .launcher(java.toArray(String[]::new))
        .arguments(arguments.toArray(String[]::new))
        .runtimeDirectory(RUNTIME);
  }

  /** One that nobody listens at; another program could take it. */
  public static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public TestJvm monitor() {
    return monitor;
  }

  public int port() {
    return port;
  }

  /** Waits for the next worker of an id; its pid. */
  public long awaitWorker(int id) {
    MatchResult line = monitor.awaitErrorLine("tine: worker id=" + id + " pid=([0-9]+) gen=.*");
    return Long.parseLong(line.group(1));
  }

  /** The same of a generation. */
  public long awaitWorker(int id, int generation) {
    MatchResult line =
        monitor.awaitErrorLine(
            "tine: worker id=%d pid=([0-9]+) gen=%d.*".formatted(id, generation));
    return Long.parseLong(line.group(1));
  }

  /** Waits for workers 0 to {@code count - 1}; their pids. */
  public List<Long> awaitWorkers(int count) {
    List<Long> pids = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      pids.add(awaitWorker(id));
    }
    return pids;
  }

  /** Fetches a page, with a connection of its own. */
  public String get(String path) throws IOException {
    return HttpConnection.fetch(port, path);
  }

  /** Asks again and again until so many processes have answered: how often each. */
  public Map<Long, Integer> answersOf(int processes) throws IOException {
    return answersOf(processes, port);
  }

  /** The same at another port of the program's. */
  public Map<Long, Integer> answersOf(int processes, int otherPort) throws IOException {
    Map<Long, Integer> answers = new TreeMap<>();
    for (int i = 0; i < 5000 && answers.size() < processes; i++) {
      answers.merge(pidIn(HttpConnection.fetch(otherPort, "/")), 1, Integer::sum);
    }
    assertThat(answers).as("processes that answer%s", monitor.report()).hasSize(processes);
    return answers;
  }

  /** Of the process that has sent this page. */
  public static long pidIn(String page) {
    Matcher matcher = PAGE.matcher(page);
    assertThat(matcher.lookingAt()).as(page).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  /** What another command of tine's printed, which must have ended with this code. */
  public String tine(int code, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path")));
    command.add(TINE);
    command.addAll(List.of(arguments));
    try {
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().put(RUNTIME, monitor.directory().toString());
      Process process = builder.start();
      process.getOutputStream().close();
      // A read knows no deadline: with the end of the process it ends, too.
      process
          .onExit()
          .orTimeout(COMMAND_SECONDS, TimeUnit.SECONDS)
          .exceptionally(late -> process.destroyForcibly());
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(text).isEqualTo(code);
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError("the deadline of the test has passed", e);
    }
  }

  /** Waits until everything has ended that a monitor that was killed has left. */
  public void expectKilled() {
    assertThat(monitor.exitCode()).isEqualTo(128 + Signal.KILL.number());
    await("processes that outlive their monitor")
        .atMost(TestJvm.LIMIT)
        .until(() -> monitor.processes().isEmpty());
    try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(socket.isBound()).isTrue();
    } catch (IOException e) {
      throw new UncheckedIOException("the port is not free", e);
    }
  }

  /** Its first child with this in what ps shows of it. */
  public long child(String title) {
    return Proc.children(monitor.pid()).stream()
        .filter(pid -> Proc.title(pid).contains(title))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + title + monitor.report()));
  }

  /** Waits for the end of all, which leaves nothing. */
  public void expectExit(int code) {
    assertThat(monitor.exitCode()).as("exit code%s", monitor.report()).isEqualTo(code);
    monitor.assertNothingLeft();
  }

  /** Ends everything in an orderly way. */
  public void stop() {
    Kill.process(monitor.pid(), Signal.TERM);
    expectExit(0);
  }

  @Override
  public void close() {
    monitor.close();
  }
}
