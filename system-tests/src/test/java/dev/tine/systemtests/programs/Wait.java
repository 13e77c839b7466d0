package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.fork.ForkOptions;
import dev.tine.fork.ForkedProcess;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * A thread in one kind of wait, and what must come of it.
 *
 * <p>All waits of a program go on at the same time, while the process forks again and again. One of
 * the children lives until the end of its copies of the waits.
 *
 * <p>What a thread waits for is shared between parent and child (a socket, say) or each process has
 * its own (a lock); either way each process ends its own waits by what ends one wait: one byte, one
 * connection, one notification. Connections are the parent's alone.
 */
final class Wait {
  private static final Duration TIMEOUT = Duration.ofSeconds(8);

  /**
   * The JDK hands poll(2) whole milliseconds: a timed connect of a virtual thread ends up to one
   * early.
   */
  private static final long ROUNDING_MS = 1;

  private static final Duration TOO_LATE = Duration.ofSeconds(2);
  private static final int FORKS = 10;

  /** What a call on a connection of the parent says in a child; EINVAL: of a Unix domain socket. */
  private static final Pattern NOT_A_CHILD =
      Pattern.compile(
          "java.lang.IllegalStateException: process \\d+ is a child of process \\d+, not of this"
              + " one.*");

  private static final Pattern NOT_CONNECTED =
      Pattern.compile("-107|-22|.*(Transport endpoint is not connected|Invalid argument)");

  private static volatile boolean ending;

  private final String name;
  private final Call call;
  private final Object expected;
  private final Program.Step end;
  private final boolean timed;
  private Object expectedInChild;
  private boolean interruptible;
  private boolean virtual;
  private Optional<Pattern> failureInChild = Optional.empty();

  private volatile int tid; // 0: virtual, or not yet running
  private final AtomicInteger interruptions = new AtomicInteger();
  private volatile Object result = "nothing, it still waits";
  private volatile boolean done;
  private volatile boolean early;
  private volatile long tookMs;
  private Thread thread = Thread.currentThread();
  private int interruptionsBefore;

  private Wait(String name, Call call, Object expected, Program.Step end, boolean timed) {
    this.name = name;
    this.call = call;
    this.expected = expected;
    this.expectedInChild = expected;
    this.end = end;
    this.timed = timed;
  }

  /** The call that waits. */
  interface Call {
    Object call(Wait wait) throws Exception;
  }

  /** Its timeout, in milliseconds. */
  static int timeoutMs() {
    return (int) TIMEOUT.toMillis();
  }

  /** A wait that {@code end} ends. */
  static Wait until(String name, Program.Step end, Callable<Object> call, Object expected) {
    return new Wait(name, _ -> call.call(), expected, end, false);
  }

  /** A wait that its timeout ends. */
  static Wait timeout(String name, Callable<Object> call, Object expected) {
    return new Wait(name, _ -> call.call(), expected, () -> {}, true);
  }

  /**
   * A system call that {@code end} ends. Interrupted, it is made again: that is counted, see {@link
   * #interruptible}.
   */
  static Wait systemCall(String name, Program.Step end, Callable<Integer> call, Object expected) {
    return new Wait(name, wait -> wait.repeat(call), expected, end, false);
  }

  /** A system call that its timeout ends. */
  static Wait systemCallTimeout(String name, Callable<Integer> call, Object expected) {
    return new Wait(name, wait -> wait.repeat(call), expected, () -> {}, true);
  }

  /** Documented to end with EINTR at every fork. */
  Wait interruptible() {
    interruptible = true;
    return this;
  }

  /** In a virtual thread. */
  Wait virtual() {
    virtual = true;
    return this;
  }

  /** On a connection, which is the parent's: in a child it fails. */
  Wait onConnection() {
    failureInChild = Optional.of(NOT_CONNECTED);
    return this;
  }

  /** For a process, which is the parent's child: in a child of ours it fails. */
  Wait forProcess() {
    failureInChild = Optional.of(NOT_A_CHILD);
    return this;
  }

  /** In a child another result is right. */
  Wait inChild(Object expected) {
    expectedInChild = expected;
    return this;
  }

  String name() {
    return name;
  }

  private Object repeat(Callable<Integer> call) throws Exception {
    while (true) {
      int result = call.call();
      if (result != -Libc.EINTR || ending) {
        return result;
      }
      interruptions.incrementAndGet();
    }
  }

  private void start() {
    Runnable waiting =
        () -> {
          tid = virtual ? 0 : Libc.gettid();
          long begin = System.nanoTime();
          Object outcome;
          try {
            outcome = call.call(this);
          } catch (Throwable e) {
            outcome = e.toString();
          }
          tookMs = (System.nanoTime() - begin) / 1_000_000;
          early = timed ? tookMs < TIMEOUT.toMillis() - ROUNDING_MS && !interruptible : !ending;
          result = outcome;
          done = true;
        };
    thread =
        virtual ? Thread.ofVirtual().start(waiting) : Thread.ofPlatform().daemon().start(waiting);
  }

  /** Whether its thread sleeps in the kernel, or it is a virtual thread that is parked. */
  private boolean sleeps() {
    if (done) {
      return true;
    }
    if (virtual) {
      return switch (thread.getState()) {
        case WAITING, TIMED_WAITING -> true;
        default -> false;
      };
    }
    return tid != 0 && Proc.state(tid) == 'S';
  }

  /** Makes the waits, forks, ends them, and says "PROCESS NAME: ok" or what was wrong of each. */
  static void main(List<Wait> waits) throws Exception {
    try (var meeting = new Meeting()) {
      waits.forEach(Wait::start);
      long begin = System.nanoTime();
      settle(waits);
      forkOften(waits, FORKS);
      waits.forEach(wait -> wait.interruptionsBefore = wait.interruptions.get());
      var child =
          fork(() -> {
            forkOften(waits, FORKS / 2);
            finish(waits, meeting, "child");
          });
      waits.forEach(wait -> wait.interruptionsBefore = 0);
      settle(waits);
      forkOften(waits, FORKS);
      long took = (System.nanoTime() - begin) / 1_000_000;
      check(took < TIMEOUT.toMillis(), "the forks took longer than the waits: %d ms", took);
      finish(waits, meeting, "parent");
      Program.expectSuccess(child);
    }
  }

  /** The processes meet in memory that they share, which a fork refuses if it is not told. */
  private static ForkedProcess fork(Program.Step inChild) {
    return Program.fork(
        ForkOptions.defaults().allowMapping(path -> path.contains("/meeting-")), inChild);
  }

  private static void forkOften(List<Wait> waits, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      Program.expectSuccess(fork(() -> {}));
      settle(waits);
    }
  }

  /** Waits until every thread waits (again). */
  private static void settle(List<Wait> waits) {
    for (Wait wait : waits) {
      await(wait.name + " waits", wait::sleeps);
    }
  }

  private static void finish(List<Wait> waits, Meeting meeting, String process) throws Exception {
    meeting.await(); // no other process is left that could take what ends these waits
    ending = true;
    meeting.await(); // what ends one process's waits may end the other's
    boolean child = process.equals("child");
    for (Wait wait : waits) {
      try {
        if (!child || wait.failureInChild.isEmpty()) {
          wait.end.run();
        }
      } catch (Exception | AssertionError e) {
        Program.say(process + " " + wait.name + ": could not be ended: " + e);
      }
    }
    long deadlineNanos = System.nanoTime() + TIMEOUT.plus(TOO_LATE).toNanos();
    for (Wait wait : waits) {
      while (!wait.done && System.nanoTime() < deadlineNanos) {
        wait.thread.join(Duration.ofMillis(10));
      }
      Program.say(process + " " + wait.name + ": " + wait.verdict(child));
    }
  }

  private String verdict(boolean child) {
    int since = interruptions.get() - interruptionsBefore;
    try {
      check(done, "%s", result);
      if (child && failureInChild.isPresent()) {
        check(
            failureInChild.get().matcher(result.toString()).matches(),
            "on what is the parent's: %s",
            result);
        return "ok";
      }
      check(!early, "ended early, after %d ms, with %s", tookMs, result);
      checkEqual(result, child ? expectedInChild : expected, "result");
      check(
          !timed || interruptible || tookMs < TIMEOUT.plus(TOO_LATE).toMillis(),
          "ended late, after %d ms",
          tookMs);
      check(interruptible || since == 0, "%d times interrupted", since);
      check(!interruptible || since > 0, "not once interrupted");
      return "ok";
    } catch (AssertionError e) {
      return e.getMessage() == null ? e.toString() : e.getMessage();
    }
  }

  /** Where parent and child wait for each other, in memory that they share. */
  private static final class Meeting implements AutoCloseable {
    private static final VarHandle COUNT =
        MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final ByteBuffer shared;
    private int awaited;

    Meeting() throws IOException {
      Path file = Files.createTempFile("meeting-", "");
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        shared = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4);
      } finally {
        Files.delete(file);
      }
    }

    void await() {
      awaited += 2;
      var _ = (int) COUNT.getAndAdd(shared, 0, 1);
      Program.await("the other process", () -> (int) COUNT.getVolatile(shared, 0) >= awaited);
    }

    @Override
    public void close() {}
  }
}
