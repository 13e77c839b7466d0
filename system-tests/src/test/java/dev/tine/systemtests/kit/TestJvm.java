package dev.tine.systemtests.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tine.repair.Repairs;
import dev.tine.sys.Pidfd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A JVM that runs one of the programs of the tests, with all processes it forks.
 *
 * <p>It has a directory of its own, which is also the one for its temporary files. All its
 * processes carry a mark in their environment, by which they are found wherever in the tree they
 * ended up. {@link #close} kills what is left; a test calls {@link #succeed} or {@link
 * #assertNothingLeft} before, which fail if there is anything.
 */
public final class TestJvm implements AutoCloseable {
  /** What any single step may take, on a machine that is busy with other work. */
  public static final Duration LIMIT = Duration.ofSeconds(40);

  private static final String MARK = "TINE_TEST_MARK";
  private static final String CLASS_PATH_COPY = "classes";

  private final String mark = UUID.randomUUID().toString();
  private final Path directory;
  private final Process process;
  private final Output output;
  private final Output errors;

  private TestJvm(Builder builder) {
    try {
      directory = Files.createTempDirectory("tine-test-");
      List<String> command = new ArrayList<>(builder.launcher);
      command.addAll(
          List.of(
              "--enable-native-access=ALL-UNNAMED",
              "-Xmx" + builder.heapMegabytes + "m",
              "-Xlog:disable",
              "-Xlog:all=warning:stderr",
              "-Djava.io.tmpdir=" + directory));
      command.addAll(builder.options);
      command.add(builder.program);
      command.addAll(builder.arguments);
      var processBuilder = new ProcessBuilder(command).directory(directory.toFile());
      processBuilder.environment().put(MARK, mark);
      processBuilder.environment().putAll(builder.environment);
      builder.runtimeVariable.ifPresent(
          name -> processBuilder.environment().put(name, directory.toString()));
      String classPath = builder.classPath;
      if (builder.readableByOthers) {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        classPath = ClassPathCopy.at(directory.resolve(CLASS_PATH_COPY), classPath);
      }
      processBuilder.environment().put("CLASSPATH", classPath);
      processBuilder
          .environment()
          .keySet()
          .removeAll(List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"));
      process = processBuilder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    output = new Output(process.getInputStream(), "stdout of " + process.pid());
    errors = new Output(process.getErrorStream(), "stderr of " + process.pid());
  }

  /** A JVM for the main class {@code program}. */
  public static Builder of(Class<?> program) {
    return new Builder(program.getName());
  }

  /** A JVM for a main class that is not among the tests' own. */
  public static Builder of(String program) {
    return new Builder(program);
  }

  /** How to start the JVM. */
  public static final class Builder {
    private final String program;
    private final List<String> options = new ArrayList<>();
    private List<String> arguments = List.of();
    private List<String> launcher =
        List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    private int heapMegabytes = 128;
    private String classPath = System.getProperty("java.class.path");
    private boolean readableByOthers;
    private final Map<String, String> environment = new HashMap<>();

    private Optional<String> runtimeVariable = Optional.empty();

    private Builder(String program) {
      this.program = program;
    }

    /** Sets a variable of the environment to the directory of this JVM. */
    public Builder runtimeDirectory(String variable) {
      runtimeVariable = Optional.of(variable);
      return this;
    }

    /** Adds options of the JVM. */
    public Builder options(String... more) {
      options.addAll(List.of(more));
      return this;
    }

    /** The arguments of the program. */
    public Builder arguments(String... all) {
      arguments = List.of(all);
      return this;
    }

    /** The largest heap; 128 MB if not set. */
    public Builder heapMegabytes(int megabytes) {
      heapMegabytes = megabytes;
      return this;
    }

    /** With the library that has a fault to inject at every stage. */
    public Builder withFaults() {
      return options("-Ddev.tine.library=" + faultsLibrary());
    }

    /** A command in place of {@code java}: a launcher, or one that runs java with limits. */
    public Builder launcher(String... command) {
      launcher = List.of(command);
      return this;
    }

    /** Another JDK. */
    public Builder java(Path home) {
      launcher = List.of(home.resolve("bin/java").toString());
      return this;
    }

    /** Another class path than that of the tests. */
    public Builder classPath(String other) {
      classPath = other;
      return this;
    }

    /**
     * For a JVM of another user: its directory is for everybody, and it gets a class path it may
     * read.
     */
    public Builder readableByOthers() {
      readableByOthers = true;
      return this;
    }

    /** Sets a variable of its environment. */
    public Builder environment(String name, String value) {
      environment.put(name, value);
      return this;
    }

    /** Starts it. */
    public TestJvm start() {
      return new TestJvm(this);
    }
  }

  /** The path of the library with fault injection. */
  public static String faultsLibrary() {
    return System.getProperty("tine.faults.library", "");
  }

  /** The path of the jar or directory of {@code dev.tine.repair}, which runs on any JDK. */
  public static String repairs() {
    var source = Repairs.class.getProtectionDomain().getCodeSource();
    return Path.of(URI.create(source.getLocation().toString())).toString();
  }

  /** Unpacks {@code libtine.so} into a directory; its path. */
  public static String library(Path directory) throws IOException {
    Path file = directory.resolve("libtine.so");
    try (var library = Pidfd.class.getResourceAsStream("linux-x86_64/libtine.so")) {
      Files.write(file, Objects.requireNonNull(library).readAllBytes());
    }
    return file.toString();
  }

  /** The pid of the process that was started. */
  public long pid() {
    return process.pid();
  }

  /** The directory it runs in. */
  public Path directory() {
    return directory;
  }

  /** All lines on standard output so far, of all its processes. */
  public List<String> lines() {
    return output.lines();
  }

  /** All lines on standard error so far, of all its processes. */
  public List<String> errorLines() {
    return errors.lines();
  }

  /** Its live processes, the first one included. */
  public List<Long> processes() {
    return Proc.withEnvironment(MARK + "=" + mark);
  }

  /** Writes a line to its standard input. */
  public void send(String line) {
    try {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new AssertionError("the program has ended" + report(), e);
    }
  }

  /** Runs a command of the program; fails if the program says so. */
  public void run(String command) {
    send(command);
    MatchResult answer = awaitLine("(ok|failed) " + Pattern.quote(command) + "(.*)");
    assertThat(answer.group(1))
        .as("%s%s%s", command, answer.group(2).replace(" | ", "\n"), report())
        .isEqualTo("ok");
  }

  /** Waits for a whole line of standard output; each line is returned once. */
  public MatchResult awaitLine(String regex) {
    return awaitIn(output, regex);
  }

  /** Waits for a whole line of standard error; each line is returned once. */
  public MatchResult awaitErrorLine(String regex) {
    return awaitIn(errors, regex);
  }

  /** Waits until the first process has ended. */
  public int exitCode() {
    try {
      if (process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    throw new AssertionError("the program has not ended" + report());
  }

  /**
   * Ends its standard input, after which it must exit with 0, silent on standard error, and leave
   * nothing.
   */
  public void succeed() {
    endInput();
    int code = exitCode();
    assertNothingLeft();
    assertThat(code).as("exit code%s", report()).isZero();
    assertThat(errorLines()).isEmpty();
  }

  /** {@link #succeed}, then {@link #close} in any case. */
  public void finish() {
    try {
      succeed();
    } finally {
      close();
    }
  }

  /** Ends its standard input. */
  public void endInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // it has ended
    }
  }

  /**
   * Fails if, once the first process has ended, any other lives on, or a file is left in its
   * directory.
   */
  public void assertNothingLeft() {
    await("processes " + processes() + " of this test")
        .atMost(LIMIT)
        .until(() -> processes().isEmpty());
    try {
      assertThat(output.awaitEnd(LIMIT) && errors.awaitEnd(LIMIT)).as("output is closed").isTrue();
      try (Stream<Path> files = Files.list(directory)) {
        assertThat(files.filter(file -> !file.endsWith(CLASS_PATH_COPY)))
            .as("files left behind")
            .isEmpty();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Kills what is left and deletes its directory. Idempotent. */
  @Override
  public void close() {
    process.destroyForcibly();
    while (!processes().isEmpty()) { // one that is being made while another is killed
      processes().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException | UncheckedIOException e) {
      // somebody else has deleted it
    }
  }

  /** What is known of it, for a message. */
  public String report() {
    StringBuilder report = new StringBuilder("\n--- processes\n");
    for (long pid : processes()) {
      report.append(
          "%d parent %d state %s %s%n"
              .formatted(pid, Proc.parent(pid), Proc.state(pid), Proc.title(pid)));
      Proc.threads(pid).forEach(thread -> report.append("  ").append(thread).append('\n'));
    }
    report.append("--- stdout\n");
    tail(lines()).forEach(line -> report.append(line).append('\n'));
    report.append("--- stderr\n");
    tail(errorLines()).forEach(line -> report.append(line).append('\n'));
    return report.append("---").toString();
  }

  private static List<String> tail(List<String> lines) {
    return lines.subList(Math.max(0, lines.size() - 120), lines.size());
  }

  private MatchResult awaitIn(Output from, String regex) {
    try {
      return from.await(Pattern.compile(regex, Pattern.DOTALL), LIMIT)
          .orElseThrow(() -> new AssertionError("no line \"" + regex + "\"" + report()));
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** The deadline of the test has passed. */
  private AssertionError interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new AssertionError("interrupted" + report(), e);
  }
}
