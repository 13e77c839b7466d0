package dev.tine.process;

import dev.tine.sys.NativeText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * What to run, and how. Immutable: each method returns another command, and a command can be run
 * any number of times.
 *
 * <p>What is not said is as in this process, but for descriptors and signals: the program has the
 * descriptors that it is given and no others, no blocked signal, and the default action for every
 * signal; except that SIGHUP, SIGINT and SIGQUIT stay ignored if this process ignores them, which
 * is how nohup(1) and shells start a job in the background.
 *
 * <p>{@link #start()} leaves stdin, stdout and stderr to be those of this process; {@link #run()}
 * gives an empty stdin and captures the others; unless another {@link Stdio} is set.
 */
public final class Command {
  final Arguments arguments;
  Optional<Stdio> stdin = Optional.empty();
  Optional<Stdio> stdout = Optional.empty();
  Optional<Stdio> stderr = Optional.empty();
  TreeMap<Integer, Stdio> descriptors = new TreeMap<>();
  Variables environment = Variables.INHERITED;
  Optional<Path> directory = Optional.empty();
  Grouping grouping = Grouping.SAME;
  Optional<Identity> identity = Optional.empty();
  List<Limit> limits = new ArrayList<>();
  boolean onTerminal;
  OptionalInt umask = OptionalInt.empty();
  OptionalInt nice = OptionalInt.empty();
  OptionalInt oomScore = OptionalInt.empty();
  Optional<Path> cgroup = Optional.empty();
  Optional<Signal> deathSignal = Optional.empty();
  boolean stopAtShutdown;
  Escalation escalation = Escalation.DEFAULT;
  Optional<EventLoop> loop = Optional.empty();
  int maxBufferBytes = ReadStream.MAX_BUFFER_BYTES;
  Optional<Duration> timeout = Optional.empty();
  Capture stdoutCapture = Capture.DEFAULT;
  Capture stderrCapture = Capture.DEFAULT;
  OutputEnd outputEnd = OutputEnd.untilExit();
  boolean checked = true;

  /** Which session and process group it begins in. */
  enum Grouping {
    SAME,
    OWN_GROUP,
    OWN_SESSION
  }

  record Identity(int uid, int gid, List<Integer> groups) {}

  record Limit(Resource resource, long soft, long hard) {}

  private Command(List<byte[]> arguments) {
    this.arguments = new Arguments(arguments);
  }

  private Command(Command other) {
    arguments = other.arguments;
    stdin = other.stdin;
    stdout = other.stdout;
    stderr = other.stderr;
    descriptors = new TreeMap<>(other.descriptors);
    environment = other.environment;
    directory = other.directory;
    grouping = other.grouping;
    identity = other.identity;
    limits = new ArrayList<>(other.limits);
    onTerminal = other.onTerminal;
    umask = other.umask;
    nice = other.nice;
    oomScore = other.oomScore;
    cgroup = other.cgroup;
    deathSignal = other.deathSignal;
    stopAtShutdown = other.stopAtShutdown;
    escalation = other.escalation;
    loop = other.loop;
    maxBufferBytes = other.maxBufferBytes;
    timeout = other.timeout;
    stdoutCapture = other.stdoutCapture;
    stderrCapture = other.stderrCapture;
    outputEnd = other.outputEnd;
    checked = other.checked;
  }

  private Command changed(Consumer<Command> change) {
    Command copy = new Command(this);
    change.accept(copy);
    return copy;
  }

  /**
   * A program, by its path or by a name that is looked for in the PATH of the environment it will
   * have, and its arguments: nothing in them is split or replaced, there is no shell.
   *
   * @throws IllegalArgumentException if there is none, or one has a NUL or is longer than Linux
   *     takes
   */
  public static Command of(String... programAndArguments) {
    return of(Arrays.asList(programAndArguments));
  }

  /** As {@link #of(String...)}. */
  public static Command of(List<String> programAndArguments) {
    return new Command(programAndArguments.stream().map(NativeText::bytes).toList());
  }

  /** A program and arguments that need not be text. */
  public static Command ofBytes(List<byte[]> programAndArguments) {
    return new Command(programAndArguments.stream().map(byte[]::clone).toList());
  }

  /** stdin. */
  public Command stdin(Stdio source) {
    Plumbing.checkDirection(source, true, "stdin");
    return changed(it -> it.stdin = Optional.of(source));
  }

  /** stdout. */
  public Command stdout(Stdio target) {
    Plumbing.checkDirection(target, false, "stdout");
    if (target.equals(Stdio.STDOUT)) {
      throw new IllegalArgumentException("stdout cannot go where stdout goes");
    }
    return changed(it -> it.stdout = Optional.of(target));
  }

  /** stderr. */
  public Command stderr(Stdio target) {
    Plumbing.checkDirection(target, false, "stderr");
    return changed(it -> it.stderr = Optional.of(target));
  }

  /**
   * A descriptor beyond stderr: a file, a descriptor of this process, or {@link Stdio#DISCARD}.
   *
   * @param number 3 or more
   */
  public Command descriptor(int number, Stdio file) {
    if (number < 3) {
      throw new IllegalArgumentException(
          "descriptor " + number + " is set by stdin(), stdout() or stderr()");
    }
    if (!(file instanceof Stdio.File || file instanceof Stdio.Descriptor)
        && !file.equals(Stdio.DISCARD)) {
      throw new IllegalArgumentException("descriptor " + number + " cannot be " + file);
    }
    return changed(it -> it.descriptors.put(number, file));
  }

  /** A variable of the environment, added or replaced. */
  public Command environment(String name, String value) {
    return environment(name, NativeText.bytes(value));
  }

  /** A variable of the environment whose value need not be text. */
  public Command environment(String name, byte[] value) {
    return changed(it -> it.environment = environment.with(name, value));
  }

  /** Variables of the environment, added or replaced. */
  public Command environment(Map<String, String> variables) {
    Command command = this;
    for (var variable : variables.entrySet()) {
      command = command.environment(variable.getKey(), variable.getValue());
    }
    return command;
  }

  /** The environment without a variable. */
  public Command withoutEnvironment(String name) {
    return changed(it -> it.environment = environment.without(name));
  }

  /** An environment with nothing but what is added to it from here on. */
  public Command emptyEnvironment() {
    return changed(it -> it.environment = Variables.NONE);
  }

  /** The working directory. */
  public Command directory(Path path) {
    Arguments.check(NativeText.bytes(path.toString()), "the directory");
    return changed(it -> it.directory = Optional.of(path));
  }

  /**
   * A process group of its own: signals and {@link Subprocess#stop()} then reach its children, too.
   */
  public Command ownGroup() {
    return changed(it -> it.grouping = Grouping.OWN_GROUP);
  }

  /** A session of its own, without a terminal, and so a process group of its own. */
  public Command ownSession() {
    return changed(it -> it.grouping = Grouping.OWN_SESSION);
  }

  /** Another user, with one group and no others; takes the privilege to change to it. */
  public Command user(int uid, int gid) {
    return user(uid, gid, List.of());
  }

  /** Another user, with a group and supplementary groups. */
  public Command user(int uid, int gid, List<Integer> groups) {
    return changed(it -> it.identity = Optional.of(new Identity(uid, gid, List.copyOf(groups))));
  }

  /** Permissions that files it makes do not have, such as 027. */
  public Command umask(int mask) {
    if ((mask & ~0777) != 0) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "not a umask: 0%o (0 to 0777)", mask));
    }
    return changed(it -> it.umask = OptionalInt.of(mask));
  }

  /** How much others come first: -20, which takes a privilege, to 19. */
  public Command nice(int value) {
    if (value < -20 || value > 19) {
      throw new IllegalArgumentException("not a nice value: " + value + " (-20 to 19)");
    }
    return changed(it -> it.nice = OptionalInt.of(value));
  }

  /** A limit, soft and hard. */
  public Command limit(Resource resource, long limit) {
    return limit(resource, limit, limit);
  }

  /** A limit that it may raise to a hard one; each may be {@link Resource#UNLIMITED}. */
  public Command limit(Resource resource, long soft, long hard) {
    return changed(it -> it.limits.add(new Limit(resource, soft, hard)));
  }

  /** How gladly the kernel kills it when memory is short: -1000 (never) to 1000 (first). */
  public Command oomScore(int adjustment) {
    if (adjustment < -1000 || adjustment > 1000) {
      throw new IllegalArgumentException(
          "not an OOM score adjustment: " + adjustment + " (-1000 to 1000)");
    }
    return changed(it -> it.oomScore = OptionalInt.of(adjustment));
  }

  /** A control group (version 2) to begin in, by its directory. */
  public Command cgroup(Path path) {
    return changed(it -> it.cgroup = Optional.of(path));
  }

  /**
   * The kernel kills it when this process ends in whatever way, kill -9 included. A set-user-id
   * program is not killed, and its children are not.
   */
  public Command dieWithParent() {
    return dieWithParent(Signal.KILL);
  }

  /** The kernel sends it a signal when this process ends in whatever way. */
  public Command dieWithParent(Signal signal) {
    return changed(it -> it.deathSignal = Optional.of(signal));
  }

  /** It is stopped when the JVM shuts down in an orderly way, which waits for its end. */
  public Command stopAtShutdown() {
    return changed(it -> it.stopAtShutdown = true);
  }

  /** How it is stopped: by {@link Subprocess#stop()} and close, a timeout, a cancelled future. */
  public Command escalation(Escalation escalation) {
    return changed(it -> it.escalation = escalation);
  }

  /** The loop that watches it, instead of the shared one. */
  public Command loop(EventLoop loop) {
    return changed(it -> it.loop = Optional.of(loop));
  }

  /** The most that is buffered of each stream: read for one answer, or written and not taken. */
  public Command maxBufferBytes(int bytes) {
    if (bytes < 1 || bytes > 1 << 30) {
      throw new IllegalArgumentException("a buffer of " + bytes + " bytes (1 byte to 1 GiB)");
    }
    return changed(it -> it.maxBufferBytes = bytes);
  }

  /** For {@link #run()}: the time after which it is stopped, and the run fails. */
  public Command timeout(Duration limit) {
    return changed(it -> it.timeout = Optional.of(limit));
  }

  /** For {@link #run()}: how much of stdout and stderr each is kept. */
  public Command capture(Capture capture) {
    return captureStdout(capture).captureStderr(capture);
  }

  /** For {@link #run()}: how much of stdout is kept. */
  public Command captureStdout(Capture capture) {
    return changed(it -> it.stdoutCapture = capture);
  }

  /** For {@link #run()}: how much of stderr is kept. */
  public Command captureStderr(Capture capture) {
    return changed(it -> it.stderrCapture = capture);
  }

  /** For {@link #run()}: until when output is read. */
  public Command output(OutputEnd end) {
    return changed(it -> it.outputEnd = end);
  }

  /** For {@link #run()}: any exit status is a result, not only 0. */
  public Command unchecked() {
    return changed(it -> it.checked = false);
  }

  /**
   * Starts it.
   *
   * @throws SpawnException if it cannot be started
   */
  public Subprocess start() {
    return Subprocess.start(this);
  }

  /**
   * Starts it on a terminal of its own, with stdin, stdout and stderr.
   *
   * @throws SpawnException if it cannot be started
   */
  public Terminal startOnTerminal(int rows, int columns) {
    return Terminal.start(this, rows, columns);
  }

  /**
   * Runs it to its end and returns what it wrote. An interrupt stops it.
   *
   * @throws SpawnException if it cannot be started
   * @throws CommandFailedException if its exit status is not 0, unless {@link #unchecked()}
   * @throws SubprocessTimeoutException if it took longer than {@link #timeout}; it is stopped
   * @throws OutputLimitException if it wrote more than is to be kept; it is stopped
   */
  public Result run() throws InterruptedException {
    return Run.await(Run.start(this));
  }

  /** As {@link #run()}, without waiting. Cancelling the future stops it. */
  public CompletableFuture<Result> runAsync() {
    try {
      return Run.start(this);
    } catch (SpawnException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** With a terminal of this process's for everything. */
  Command onTerminal(int fd) {
    Stdio terminal = Stdio.descriptor(fd);
    Command command = stdin(terminal).stdout(terminal).stderr(terminal).ownSession();
    command.onTerminal = true;
    return command;
  }

  /** The program's name as it was given. */
  public String program() {
    return arguments.program();
  }

  /** The command line as a shell would read it; without the environment, which may have secrets. */
  @Override
  public String toString() {
    return arguments.toString();
  }
}
