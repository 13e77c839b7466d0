package dev.tine.systemtests.programs;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Fork;
import dev.tine.fork.ForkOptions;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.JvmFork;
import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Proc;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What the programs have in common. */
public final class Program {
  /** What a child may take. */
  public static final Duration LIMIT = Duration.ofSeconds(25);

  private static final int FAILED = 70;

  private Program() {}

  /** Something to do that may fail. */
  public interface Step {
    void run() throws Exception;
  }

  /** Carries out the commands that come from standard input, until it ends. */
  public static void serve(Map<String, Step> commands) throws IOException {
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String command; (command = input.readLine()) != null; ) {
      Step step = commands.getOrDefault(command, () -> fail("no such command"));
      try {
        step.run();
        List<Long> children = Proc.children(Proc.self());
        check(children.isEmpty(), "children are left: %s", children);
        say("ok " + command);
      } catch (Throwable e) {
        say("failed " + command + ": " + trace(e).replace("\n", " | "));
      }
    }
  }

  /** Prints a line in one write: lines of several processes do not mix. */
  public static void say(String line) {
    try {
      // Not System.out: another thread may hold its lock.
      new FileOutputStream(FileDescriptor.out)
          .write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Forks a child that does {@code inChild} and ends, with 0 or, if it fails, {@value #FAILED}.
   *
   * <p>It ends by exit_group(2): a JVM that exits waits up to 300 ms for threads in native code,
   * such as the reaper.
   */
  public static ForkedProcess fork(Step inChild) {
    return fork(ForkOptions.defaults(), inChild);
  }

  /** The same with options. */
  public static ForkedProcess fork(ForkOptions options, Step inChild) {
    return switch (JvmFork.fork(options)) {
      case Fork.Parent(ForkedProcess child) -> child;
      case Fork.Child() -> {
        end(inChild);
        throw new AssertionError("exit_group returned");
      }
    };
  }

  /** Ends a child or worker after {@code step}: with 0 or, if that fails, {@value #FAILED}. */
  public static void end(Step step) {
    int code = FAILED;
    try {
      step.run();
      code = 0;
    } catch (Throwable e) {
      System.err.print("in child " + Proc.self() + ": " + trace(e));
      System.err.flush();
    } finally {
      Libc.syscall(Libc.SYS_EXIT_GROUP, code);
    }
  }

  /** Forks a child that must do {@code inChild} well. */
  public static void inChild(Step inChild) throws InterruptedException {
    expectSuccess(fork(inChild));
  }

  public static void expectSuccess(ForkedProcess child) throws InterruptedException {
    expect(child, new ExitStatus.Exited(0));
  }

  /** Waits for the end of a child; one that hangs prints what its threads do, and is killed. */
  public static void expect(ForkedProcess child, ExitStatus expected) throws InterruptedException {
    Optional<ExitStatus> status = child.waitFor(LIMIT);
    if (status.isEmpty()) {
      child.signal(Signal.QUIT);
      var _ = child.waitFor(Duration.ofSeconds(2));
      child.signal(Signal.KILL);
      fail("child %d hangs", child.pid());
    }
    check(status.get().equals(expected), "child %d %s", child.pid(), status.get());
  }

  /** Fails if something is not so. */
  public static void check(boolean condition, String message, @Nullable Object... arguments) {
    if (!condition) {
      fail(message, arguments);
    }
  }

  /** Fails if two things are not equal. */
  public static void checkEqual(Object actual, Object expected, String what) {
    check(actual.equals(expected), "%s: expected %s, was %s", what, expected, actual);
  }

  /** Ends a step. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation is in a library of its own
  public static void fail(String message, @Nullable Object... arguments) {
    throw new AssertionError(message.formatted(arguments));
  }

  /** Waits until something is so. */
  public static void await(String what, BooleanSupplier condition) {
    long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      check(System.nanoTime() < deadlineNanos, "waited in vain for: %s", what);
      LockSupport.parkNanos(500_000);
    }
  }

  /** An exception, its stack and its causes. */
  public static String trace(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
