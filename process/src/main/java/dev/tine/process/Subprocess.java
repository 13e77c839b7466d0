package dev.tine.process;

import dev.tine.sys.SpawnOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A program that was started by this process.
 *
 * <p>Its end is known exactly and at once, whoever still has its pipes; being stopped and continued
 * is no end. The end of its output is another event: see {@link ReadStream}.
 *
 * <p>All methods may be called by any thread.
 */
public final class Subprocess implements AutoCloseable {
  private final Command command;
  private final EventLoop loop;
  private final int pid;
  private final String path;
  private final Life life;
  private final @Nullable WriteStream stdin;
  private final @Nullable ReadStream stdout;
  private final @Nullable ReadStream stderr;

  private Subprocess(
      Command command,
      EventLoop loop,
      SpawnOutcome.Started started,
      long startNanos,
      Plumbing plumbing,
      Streams streams) {
    this.command = command;
    this.loop = loop;
    this.pid = started.pid();
    this.path = started.program();
    this.life = new Life(loop, pid, started.pidfd(), hasOwnGroup(), startNanos);
    String name = "of " + command.program() + " (pid " + pid + ")";
    int limit = command.maxBufferBytes;
    stdin =
        Streams.isPipe(streams.stdin())
            ? new WriteStream(loop, "stdin " + name, plumbing.takeOwnEnd(0), limit)
            : null;
    stdout =
        streams.stdout().equals(Stdio.STREAM)
            ? new ReadStream(loop, "stdout " + name, plumbing.takeOwnEnd(1), limit)
            : null;
    stderr =
        streams.stderr().equals(Stdio.STREAM)
            ? new ReadStream(loop, "stderr " + name, plumbing.takeOwnEnd(2), limit)
            : null;
  }

  /** See {@link Command#of(String...)}. */
  public static Command of(String... programAndArguments) {
    return Command.of(programAndArguments);
  }

  /** Runs a program to its end: {@link Command#run()}. */
  public static Result run(String... programAndArguments) throws InterruptedException {
    return Command.of(programAndArguments).run();
  }

  /** Starts the shared loop, if it does not run: {@link EventLoop#shared()}. */
  public static void initialize() {
    EventLoop shared = SharedLoop.get();
    assert !shared.isClosed();
  }

  /**
   * Closes the shared loop, if it runs; it goes on with the subprocesses it has until they have
   * ended. The next subprocess starts another.
   */
  public static void uninitialize() {
    SharedLoop.close();
  }

  static Subprocess start(Command command) {
    return start(command, Streams.of(command, Stdio.INHERIT, Stdio.INHERIT));
  }

  static Subprocess start(Command command, Streams streams) {
    EventLoop loop = reserve(command);
    try {
      return start(command, loop, streams);
    } finally {
      loop.release();
    }
  }

  /**
   * The loop for a command, which does not end before it is {@linkplain EventLoop#release
   * released}.
   */
  static EventLoop reserve(Command command) {
    while (true) {
      EventLoop loop = command.loop.orElseGet(EventLoop::shared);
      if (loop.reserve()) {
        return loop;
      }
      if (command.loop.isPresent()) {
        throw new IllegalStateException(loop + " takes no new subprocesses");
      }
    }
  }

  /** On a loop that is reserved. */
  static Subprocess start(Command command, EventLoop loop) {
    return start(command, loop, Streams.of(command, Stdio.INHERIT, Stdio.INHERIT));
  }

  private static Subprocess start(Command command, EventLoop loop, Streams streams) {
    long startNanos = System.nanoTime();
    Subprocess subprocess;
    try (Plumbing plumbing = new Plumbing(command.program())) {
      plumbing.open(0, streams.stdin());
      plumbing.open(1, streams.stdout());
      plumbing.open(2, streams.stderr());
      command.descriptors.forEach(plumbing::open);
      SpawnOutcome.Started started = Launch.start(command, plumbing, loop.spawner());
      subprocess = new Subprocess(command, loop, started, startNanos, plumbing, streams);
    }
    subprocess.begin(streams);
    return subprocess;
  }

  /** Its process id; after its end another process may have it. */
  public long pid() {
    return pid;
  }

  /** What was started. */
  public Command command() {
    return command;
  }

  /** The path of the program that runs. */
  public String path() {
    return path;
  }

  /** Its input, if that is {@link Stdio#STREAM}. */
  public WriteStream stdin() {
    return opened(stdin, "stdin");
  }

  /** Its output, if that is {@link Stdio#STREAM}. */
  public ReadStream stdout() {
    return opened(stdout, "stdout");
  }

  /** Its error output, if that is {@link Stdio#STREAM}. */
  public ReadStream stderr() {
    return opened(stderr, "stderr");
  }

  /** Done when it has ended, with any status. */
  public CompletableFuture<ExitStatus> exit() {
    return life.ended().thenApplyAsync(status -> status, loop.callbacks());
  }

  /** Done when it has exited with 0; any other end fails with {@link CommandFailedException}. */
  public CompletableFuture<ExitStatus> waitForExit() {
    return exit()
        .thenApply(status -> {
          if (!status.isSuccess()) {
            throw new CommandFailedException(command, status);
          }
          return status;
        });
  }

  /**
   * Calls something when it has ended; soon, if it has. Any number of callbacks can be added; they
   * are called where its loop has callbacks.
   */
  public void onExit(Consumer<? super ExitStatus> callback) {
    onExit(callback, loop.callbacks());
  }

  /** Calls something when it has ended, on an executor. */
  public void onExit(Consumer<? super ExitStatus> callback, Executor executor) {
    var _ = life.ended().thenAccept(status -> loop.call(executor, () -> callback.accept(status)));
  }

  /** Waits until it has ended, with any status. */
  public ExitStatus waitFor() throws InterruptedException {
    life.waitOnThisThread(Long.MAX_VALUE);
    try {
      return life.known().get();
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until it has ended; empty: it has not within this time. */
  public Optional<ExitStatus> waitFor(Duration limit) throws InterruptedException {
    long limitNanos = EventLoop.toNanos(limit);
    long beginNanos = System.nanoTime();
    life.waitOnThisThread(limitNanos);
    try {
      long leftNanos = limitNanos - (System.nanoTime() - beginNanos);
      return Optional.of(life.known().get(leftNanos, TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  /** How it has ended; empty: it has not. */
  public Optional<ExitStatus> exitStatus() {
    return life.status();
  }

  /**
   * Its exit code, or minus the number of the signal that ended it; empty: it has not ended, or
   * nobody knows how.
   */
  public OptionalInt returnCode() {
    Optional<ExitStatus> status = exitStatus();
    return status.isEmpty() || status.get() instanceof ExitStatus.Unknown
        ? OptionalInt.empty()
        : OptionalInt.of(status.get().returnCode());
  }

  /** Whether it has not ended, as far as is known. */
  public boolean isAlive() {
    return !life.isOver();
  }

  /**
   * Sends it a signal. No other process can get it, whatever has become of the pid.
   *
   * @return whether it was sent; not if it has ended
   * @throws IllegalStateException if this process may not: it has another user now
   */
  public boolean signal(Signal signal) {
    return life.signal(signal);
  }

  /**
   * Sends a signal to its process group, which is its children, too, unless they left it.
   *
   * @return whether it was sent; not if the subprocess has ended: from then on the group may be
   *     another
   * @throws IllegalStateException if it was not given a group of its own
   */
  public boolean signalGroup(Signal signal) {
    if (!hasOwnGroup()) {
      throw new IllegalStateException(
          this + " is in the process group of this process: start it with ownGroup()");
    }
    return life.signalGroup(signal);
  }

  /**
   * Kills everything in the control group that it was started in, whoever started it. Takes Linux
   * 5.14.
   *
   * @throws IllegalStateException if it was not given one, or the kernel refuses
   */
  public void killCgroup() {
    Path group =
        command.cgroup.orElseThrow(() ->
            new IllegalStateException(
                this + " has no control group of its own: start it with cgroup(directory)"));
    try {
      Files.writeString(group.resolve("cgroup.kill"), "1", StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new IllegalStateException("cannot kill the control group " + group + ": " + e, e);
    }
  }

  /** Begins to stop it as its command says: {@link Command#escalation}. Does not wait. */
  public void stop() {
    stop(command.escalation);
  }

  /**
   * Begins to stop it: sends signals until it has ended. If it has a process group of its own, they
   * go to the group, and what is left of the group when it ends is killed. Another escalation may
   * follow, a shorter one for instance: each takes its own steps.
   */
  public void stop(Escalation escalation) {
    Stopping stopping = new Stopping(this, loop, escalation);
    if (life.isStoppedBy(stopping)) {
      stopping.begin();
    }
  }

  /**
   * Closes its streams, stops it if it runs, and waits for its end. Does nothing the second time.
   * An interrupt kills it at once, and stays set.
   */
  @Override
  public void close() {
    closeStreams();
    if (!isAlive()) {
      return;
    }
    stop();
    boolean interrupted = false;
    while (true) {
      try {
        life.known().get();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        stop(Escalation.KILL);
      } catch (ExecutionException e) {
        throw new AssertionError(e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    String state = exitStatus().map(ExitStatus::toString).orElse("running");
    return command.program() + " (pid " + pid + ", " + state + ")";
  }

  EventLoop loop() {
    return loop;
  }

  /** Completed on the loop; what depends on it must not wait. */
  CompletableFuture<ExitStatus> ended() {
    return life.ended();
  }

  boolean hasOwnGroup() {
    return command.grouping != Command.Grouping.SAME;
  }

  private void begin(Streams streams) {
    life.begin();
    if (command.stopAtShutdown) {
      Shutdown.register(this);
    }
    if (stdin != null) {
      Feed.begin(stdin, streams.stdin());
    }
  }

  private void closeStreams() {
    if (stdin != null) {
      stdin.close();
    }
    if (stdout != null) {
      stdout.close();
    }
    if (stderr != null) {
      stderr.close();
    }
  }

  private <T> T opened(@Nullable T stream, String name) {
    if (stream == null) {
      throw new IllegalStateException(
          name + " of " + command.program() + " is no stream: start it with " + name + "(STREAM)");
    }
    return stream;
  }
}
