package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.expect;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Fork;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.JvmFork;
import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What a parent can do with its children. */
public final class Children {
  private static final int RLIMIT_CORE = 4;

  private Children() {}

  static void main() throws IOException {
    Program.serve(
        Map.ofEntries(
            Map.entry("exit codes", Children::exitCodes),
            Map.entry("signals", Children::signals),
            Map.entry("core dump", Children::coreDump),
            Map.entry("wait for a time", Children::waitForATime),
            Map.entry("interrupted wait", Children::interruptedWait),
            Map.entry("on exit", Children::onExit),
            Map.entry("alive", Children::alive),
            Map.entry("copies in a child", Children::copiesInAChild),
            Map.entry("children of others", Children::childrenOfOthers),
            Map.entry("status taken", Children::statusTaken),
            Map.entry("many at once", Children::manyAtOnce),
            Map.entry("outlive", Children::outlive)));
  }

  private static void exitCodes() throws Exception {
    for (int code : new int[] {0, 1, 42, 255}) {
      ForkedProcess child = Program.fork(() -> Runtime.getRuntime().halt(code));
      expect(child, new ExitStatus.Exited(code));
      checkEqual(child.waitFor().isSuccess(), code == 0, "success");
    }
  }

  private static void signals() throws Exception {
    for (Signal signal : List.of(Signal.KILL, Signal.USR1, Signal.ABRT, Signal.ALRM)) {
      ForkedProcess child = forkSleeper();
      check(child.signal(signal), "%s was not sent", signal);
      expect(child, new ExitStatus.Signaled(signal, false));
    }
    for (Signal signal : List.of(Signal.TERM, Signal.INT, Signal.HUP)) {
      ForkedProcess child = forkSleeper();
      check(child.signal(signal), "%s was not sent", signal);
      expect(
          child, new ExitStatus.Exited(128 + signal.number())); // the JVM exits in an orderly way
    }
    ForkedProcess child = forkSleeper();
    check(child.signal(Signal.STOP), "SIGSTOP was not sent");
    await("stopped", () -> Proc.state(child.pid()) == 'T');
    check(child.isAlive() && child.waitFor(Duration.ofMillis(1)).isEmpty(), "stopped is not ended");
    check(child.signal(Signal.CONT), "SIGCONT was not sent");
    await("going on", () -> Proc.state(child.pid()) != 'T');
    check(child.signal(Signal.KILL), "SIGKILL was not sent");
    expect(child, new ExitStatus.Signaled(Signal.KILL, false));
  }

  private static void coreDump() throws Exception {
    check(
        Files.readString(Path.of("/proc/sys/kernel/core_pattern")).strip().equals("core"),
        "core_pattern");
    ForkedProcess child =
        Program.fork(() -> {
          Files.writeString(Path.of("/proc/self/coredump_filter"), "0"); // headers only
          var limit = Libc.memory(16);
          limit.set(ValueLayout.JAVA_LONG, 0, -1);
          limit.set(ValueLayout.JAVA_LONG, 8, -1);
          checkEqual(Libc.call("setrlimit", RLIMIT_CORE, limit), 0, "setrlimit");
          checkEqual(Libc.call("kill", (int) Proc.self(), 6), 0, "kill");
          new CountDownLatch(1).await();
        });
    expect(child, new ExitStatus.Signaled(Signal.ABRT, true));
    try (var files = Files.newDirectoryStream(Path.of("."), "core*")) {
      for (Path core : files) {
        Files.delete(core);
      }
    }
  }

  private static void waitForATime() throws Exception {
    ForkedProcess child = forkSleeper();
    long begin = System.nanoTime();
    checkEqual(child.waitFor(Duration.ofMillis(80)), Optional.empty(), "status of a running child");
    check(System.nanoTime() - begin >= 80_000_000, "waitFor returned early");
    check(child.signal(Signal.KILL), "SIGKILL was not sent");
    ExitStatus expected = new ExitStatus.Signaled(Signal.KILL, false);
    Duration forEver = ChronoUnit.FOREVER.getDuration();
    checkEqual(child.waitFor(forEver), Optional.of(expected), "status");
    checkEqual(child.waitFor(Duration.ZERO), Optional.of(expected), "status, asked again");
    checkEqual(child.waitFor(), expected, "status, asked a third time");
  }

  private static void interruptedWait() throws Exception {
    ForkedProcess child = forkSleeper();
    Thread.currentThread().interrupt();
    try {
      check(false, "waitFor was not interrupted: %s", child.waitFor());
    } catch (InterruptedException e) {
      check(child.isAlive(), "the interrupt ended the child");
    }
    check(child.signal(Signal.KILL), "SIGKILL was not sent");
    expect(child, new ExitStatus.Signaled(Signal.KILL, false));
  }

  private static void onExit() throws Exception {
    ForkedProcess child = forkSleeper();
    var statuses = new ArrayBlockingQueue<ExitStatus>(2);
    var first = child.onExit().thenAccept(statuses::add);
    var second = child.onExit();
    check(!second.isDone(), "done while it runs");
    check(second.cancel(false), "cancelled"); // of no concern to anyone else
    check(child.signal(Signal.KILL), "SIGKILL was not sent");
    ExitStatus expected = new ExitStatus.Signaled(Signal.KILL, false);
    checkEqual(
        Optional.ofNullable(statuses.poll(20, TimeUnit.SECONDS)), Optional.of(expected), "status");
    first.get(20, TimeUnit.SECONDS);
    checkEqual(child.onExit().get(20, TimeUnit.SECONDS), expected, "status, after the end");
  }

  private static void alive() throws Exception {
    ForkedProcess child = forkSleeper();
    check(child.isAlive(), "not alive");
    check(child.signal(Signal.KILL), "SIGKILL was not sent");
    check(child.waitFor(Program.LIMIT).isPresent(), "not killed");
    check(!child.isAlive(), "still alive");
    check(!child.signal(Signal.TERM), "a signal was sent to a process that has ended");
    checkEqual(Proc.state(child.pid()), '-', "state of the reaped child");
  }

  /**
   * In a child the objects of its parent stand for siblings, of which it learns nothing and which
   * it cannot hurt.
   */
  private static void copiesInAChild() throws Exception {
    ForkedProcess sibling = forkSleeper();
    Program.inChild(() -> {
      check(!sibling.isAlive(), "alive");
      check(sibling.waitFor() instanceof ExitStatus.Unknown, "%s", sibling.waitFor());
      check(sibling.onExit().get(20, TimeUnit.SECONDS) instanceof ExitStatus.Unknown, "onExit");
      check(!sibling.waitFor().isSuccess(), "success");
      try {
        check(false, "signal: %s", sibling.signal(Signal.KILL));
      } catch (IllegalStateException e) {
        check(
            String.valueOf(e.getMessage()).contains("process " + sibling.pid() + " is a child of"),
            "%s",
            e.getMessage());
      }
      // Children of its own work as ever.
      expect(Program.fork(() -> Runtime.getRuntime().halt(7)), new ExitStatus.Exited(7));
    });
    check(sibling.isAlive(), "the sibling has ended");
    check(sibling.signal(Signal.KILL), "SIGKILL was not sent");
    expect(sibling, new ExitStatus.Signaled(Signal.KILL, false));
  }

  /** Processes that Java starts are neither reaped nor disturbed. */
  private static void childrenOfOthers() throws Exception {
    Process other = new ProcessBuilder("sh", "-c", "read line; exit 5").start();
    Program.inChild(() -> SelfCheck.run(false));
    Program.inChild(() -> {});
    check(other.isAlive(), "the other process has ended");
    other.getOutputStream().write('\n');
    other.getOutputStream().close();
    check(other.waitFor(20, TimeUnit.SECONDS), "the other process does not end");
    checkEqual(other.exitValue(), 5, "exit code of the other process");
    other.getInputStream().close();
    other.getErrorStream().close();
  }

  private static void statusTaken() throws Exception {
    ForkedProcess child = forkSleeper();
    check(child.signal(Signal.STOP), "SIGSTOP was not sent");
    await("stopped", () -> Proc.state(child.pid()) == 'T');
    // Whether the reaper or this thread gets the status is a race; both outcomes must be reported
    // truly.
    check(child.signal(Signal.KILL), "SIGKILL was not sent");
    int taken = Libc.call("waitpid", (int) child.pid(), java.lang.foreign.MemorySegment.NULL, 0);
    ExitStatus status = child.waitFor();
    check(
        taken == child.pid()
            ? status instanceof ExitStatus.Unknown
            : status.equals(new ExitStatus.Signaled(Signal.KILL, false)),
        "waitpid %d, %s",
        taken,
        status);
  }

  private static void manyAtOnce() throws Exception {
    List<ForkedProcess> children = new java.util.ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int code = i;
      children.add(Program.fork(() -> Libc.syscall(Libc.SYS_EXIT_GROUP, code)));
    }
    for (int i = 0; i < children.size(); i++) {
      expect(children.get(i), new ExitStatus.Exited(i));
    }
  }

  /**
   * A child of a plain fork lives on when its parent has ended, as fork(2) has it. The program ends
   * here.
   */
  private static void outlive() throws Exception {
    long parent = Proc.self();
    if (JvmFork.fork() instanceof Fork.Child) {
      await("the end of the parent", () -> Proc.parent(Proc.self()) != parent);
      SelfCheck.run(true);
      Program.say("outlived " + parent);
      System.exit(0);
    }
    Runtime.getRuntime().halt(0);
  }

  private static ForkedProcess forkSleeper() {
    return Program.fork(() -> new CountDownLatch(1).await());
  }
}
