package dev.tine.process;

import dev.tine.sys.NativeText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

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
  /** The kernel's MAX_ARG_STRLEN, with the NUL at the end. */
  private static final int MAX_ARGUMENT_BYTES = 131_072;

  final List<byte[]> arguments;
  Optional<Stdio> stdin = Optional.empty();
  Optional<Stdio> stdout = Optional.empty();
  Optional<Stdio> stderr = Optional.empty();
  TreeMap<Integer, Stdio> descriptors = new TreeMap<>();
  boolean emptyEnvironment;
  Map<String, Optional<byte[]>> environment = new LinkedHashMap<>();
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
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("no program to run");
    }
    for (int i = 0; i < arguments.size(); i++) {
      check(arguments.get(i), i == 0 ? "the program's name" : "argument " + i);
    }
    if (arguments.getFirst().length == 0) {
      throw new IllegalArgumentException("the program's name is empty");
    }
    this.arguments = List.copyOf(arguments);
  }

  private Command(Command other) {
    arguments = other.arguments;
    stdin = other.stdin;
    stdout = other.stdout;
    stderr = other.stderr;
    descriptors = new TreeMap<>(other.descriptors);
    emptyEnvironment = other.emptyEnvironment;
    environment = new LinkedHashMap<>(other.environment);
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
    Command command = new Command(this);
    command.stdin = Optional.of(source);
    return command;
  }

  /** stdout. */
  public Command stdout(Stdio target) {
    Plumbing.checkDirection(target, false, "stdout");
    if (target.equals(Stdio.STDOUT)) {
      throw new IllegalArgumentException("stdout cannot go where stdout goes");
    }
    Command command = new Command(this);
    command.stdout = Optional.of(target);
    return command;
  }

  /** stderr. */
  public Command stderr(Stdio target) {
    Plumbing.checkDirection(target, false, "stderr");
    Command command = new Command(this);
    command.stderr = Optional.of(target);
    return command;
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
    Command command = new Command(this);
    command.descriptors.put(number, file);
    return command;
  }

  /** A variable of the environment, added or replaced. */
  public Command environment(String name, String value) {
    return environment(name, NativeText.bytes(value));
  }

  /** A variable of the environment whose value need not be text. */
  public Command environment(String name, byte[] value) {
    checkName(name);
    check(value, "the value of " + name);
    Command command = new Command(this);
    command.environment.put(name, Optional.of(value.clone()));
    return command;
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
    checkName(name);
    Command command = new Command(this);
    command.environment.put(name, Optional.empty());
    return command;
  }

  /** An environment with nothing but what is added to it from here on. */
  public Command emptyEnvironment() {
    Command command = new Command(this);
    command.emptyEnvironment = true;
    command.environment.clear();
    return command;
  }

  /** The working directory. */
  public Command directory(Path path) {
    check(NativeText.bytes(path.toString()), "the directory");
    Command command = new Command(this);
    command.directory = Optional.of(path);
    return command;
  }

  /**
   * A process group of its own: signals and {@link Subprocess#stop()} then reach its children, too.
   */
  public Command ownGroup() {
    Command command = new Command(this);
    command.grouping = Grouping.OWN_GROUP;
    return command;
  }

  /** A session of its own, without a terminal, and so a process group of its own. */
  public Command ownSession() {
    Command command = new Command(this);
    command.grouping = Grouping.OWN_SESSION;
    return command;
  }

  /** Another user, with one group and no others; takes the privilege to change to it. */
  public Command user(int uid, int gid) {
    return user(uid, gid, List.of());
  }

  /** Another user, with a group and supplementary groups. */
  public Command user(int uid, int gid, List<Integer> groups) {
    Command command = new Command(this);
    command.identity = Optional.of(new Identity(uid, gid, List.copyOf(groups)));
    return command;
  }

  /** Permissions that files it makes do not have, such as 027. */
  public Command umask(int mask) {
    if ((mask & ~0777) != 0) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "not a umask: 0%o (0 to 0777)", mask));
    }
    Command command = new Command(this);
    command.umask = OptionalInt.of(mask);
    return command;
  }

  /** How much others come first: -20, which takes a privilege, to 19. */
  public Command nice(int value) {
    if (value < -20 || value > 19) {
      throw new IllegalArgumentException("not a nice value: " + value + " (-20 to 19)");
    }
    Command command = new Command(this);
    command.nice = OptionalInt.of(value);
    return command;
  }

  /** A limit, soft and hard. */
  public Command limit(Resource resource, long limit) {
    return limit(resource, limit, limit);
  }

  /** A limit that it may raise to a hard one; each may be {@link Resource#UNLIMITED}. */
  public Command limit(Resource resource, long soft, long hard) {
    Command command = new Command(this);
    command.limits.add(new Limit(resource, soft, hard));
    return command;
  }

  /** How gladly the kernel kills it when memory is short: -1000 (never) to 1000 (first). */
  public Command oomScore(int adjustment) {
    if (adjustment < -1000 || adjustment > 1000) {
      throw new IllegalArgumentException(
          "not an OOM score adjustment: " + adjustment + " (-1000 to 1000)");
    }
    Command command = new Command(this);
    command.oomScore = OptionalInt.of(adjustment);
    return command;
  }

  /** A control group (version 2) to begin in, by its directory. */
  public Command cgroup(Path path) {
    Command command = new Command(this);
    command.cgroup = Optional.of(path);
    return command;
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
    Command command = new Command(this);
    command.deathSignal = Optional.of(signal);
    return command;
  }

  /** It is stopped when the JVM shuts down in an orderly way, which waits for its end. */
  public Command stopAtShutdown() {
    Command command = new Command(this);
    command.stopAtShutdown = true;
    return command;
  }

  /** How it is stopped: by {@link Subprocess#stop()} and close, a timeout, a cancelled future. */
  public Command escalation(Escalation escalation) {
    Command command = new Command(this);
    command.escalation = escalation;
    return command;
  }

  /** The loop that watches it, instead of the shared one. */
  public Command loop(EventLoop loop) {
    Command command = new Command(this);
    command.loop = Optional.of(loop);
    return command;
  }

  /** The most that is buffered of each stream: read for one answer, or written and not taken. */
  public Command maxBufferBytes(int bytes) {
    if (bytes < 1 || bytes > 1 << 30) {
      throw new IllegalArgumentException("a buffer of " + bytes + " bytes (1 byte to 1 GiB)");
    }
    Command command = new Command(this);
    command.maxBufferBytes = bytes;
    return command;
  }

  /** For {@link #run()}: the time after which it is stopped, and the run fails. */
  public Command timeout(Duration limit) {
    Command command = new Command(this);
    command.timeout = Optional.of(limit);
    return command;
  }

  /** For {@link #run()}: how much of stdout and stderr each is kept. */
  public Command capture(Capture capture) {
    return captureStdout(capture).captureStderr(capture);
  }

  /** For {@link #run()}: how much of stdout is kept. */
  public Command captureStdout(Capture capture) {
    Command command = new Command(this);
    command.stdoutCapture = capture;
    return command;
  }

  /** For {@link #run()}: how much of stderr is kept. */
  public Command captureStderr(Capture capture) {
    Command command = new Command(this);
    command.stderrCapture = capture;
    return command;
  }

  /** For {@link #run()}: until when output is read. */
  public Command output(OutputEnd end) {
    Command command = new Command(this);
    command.outputEnd = end;
    return command;
  }

  /** For {@link #run()}: any exit status is a result, not only 0. */
  public Command unchecked() {
    Command command = new Command(this);
    command.checked = false;
    return command;
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
    return NativeText.text(arguments.getFirst());
  }

  /** The command line as a shell would read it; without the environment, which may have secrets. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder();
    for (byte[] argument : arguments) {
      String text = NativeText.text(argument);
      boolean plain = !text.isEmpty() && text.chars().allMatch(Command::isPlain);
      line.append(line.isEmpty() ? "" : " ")
          .append(plain ? text : "'" + text.replace("'", "'\\''") + "'");
    }
    return line.toString();
  }

  private static boolean isPlain(int c) {
    return Character.isLetterOrDigit(c) || "-_./:=,+@%^".indexOf(c) >= 0;
  }

  private static void checkName(String name) {
    if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "not the name of a variable: \"" + name + "\" (not empty, without = and NUL)");
    }
  }

  private static void check(byte[] bytes, String what) {
    for (byte b : bytes) {
      if (b == 0) {
        throw new IllegalArgumentException(
            what + " has a NUL character, which would end it: " + NativeText.text(bytes));
      }
    }
    if (bytes.length >= MAX_ARGUMENT_BYTES) {
      throw new IllegalArgumentException(
          what
              + " has "
              + bytes.length
              + " bytes; Linux takes at most "
              + (MAX_ARGUMENT_BYTES - 1)
              + ": pass it through stdin or a file");
    }
  }
}
