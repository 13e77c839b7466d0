package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Fork;
import dev.tine.fork.ForkException;
import dev.tine.fork.ForkListener;
import dev.tine.fork.JvmFork;
import dev.tine.fork.Registration;
import dev.tine.fork.mold.Frozen;
import dev.tine.fork.mold.Mold;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Forks with listeners, which write down what they are told in a file that all processes share. */
public final class Listening {
  private static final String LIBRARY =
      Objects.requireNonNull(System.getProperty("dev.tine.library"));

  /** Made and used before the first fork: what is renewed in a child has a state to repeat. */
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final Path CALLS = Path.of("calls");
  private static final int STAGE_CLONE = 5;
  private static final int ENOMEM = 12;

  private Listening() {}

  static void main() throws IOException {
    var _ = RANDOM.nextLong();
    Program.serve(
        Map.of(
            "order", Listening::order,
            "mold", Listening::mold,
            "refusal", Listening::refusal,
            "failed fork", Listening::failedFork,
            "fork within", Listening::forkWithin,
            "failure afterwards", Listening::failureAfterwards,
            "repairs first", Listening::repairsFirst,
            "end in a child", Listening::endInAChild));
  }

  /** One that writes each call with its name and the process. */
  private record Recording(String name) implements ForkListener {
    @Override
    public void beforeFork() {
      write("before " + name);
    }

    @Override
    public void inParent() {
      write("parent " + name);
    }

    @Override
    public void inChild() {
      write("child " + name);
    }
  }

  private static void order() throws Exception {
    long parent = Proc.self();
    try (Registration _ = listen("a");
        Registration _ = listen("b")) {
      long child;
      try (Registration _ = listen("c")) {
        var forked = Program.fork(() -> write("returned"));
        child = forked.pid();
        Program.expectSuccess(forked);
      }
      List<String> calls = takeCalls();
      checkEqual(
          of(parent, calls),
          List.of("before c", "before b", "before a", "parent a", "parent b", "parent c"),
          "calls in the parent");
      checkEqual(
          of(child, calls), List.of("child a", "child b", "child c", "returned"), "in the child");
      checkEqual(calls.size(), 10, "calls");

      Program.inChild(() -> {});
      checkEqual(takeCalls().size(), 6, "calls when one registration is closed");
    }
    Program.inChild(() -> {});
    checkEqual(takeCalls(), List.of(), "calls when all are closed");
  }

  private static void mold() throws Exception {
    long parent = Proc.self();
    try (Registration _ = listen("a");
        Registration _ = listen("b")) {
      switch (Mold.freeze("tine-test: mold")) {
        case Frozen.Worker(int id) -> {
          write("worker");
          Libc.syscall(Libc.SYS_EXIT_GROUP, id);
        }
        case Frozen.Monitor(Mold mold) -> {
          List<Long> pids = new ArrayList<>();
          try (mold) {
            for (int id = 1; id <= 2; id++) {
              var worker = mold.forkWorker(id, "tine-test: worker");
              pids.add(worker.pid());
              Program.expect(worker, new ExitStatus.Exited(id));
            }
          }
          List<String> calls = takeCalls();
          checkEqual(
              of(parent, calls),
              List.of("before b", "before a", "parent a", "parent b"),
              "calls in the monitor");
          for (long pid : pids) {
            checkEqual(of(pid, calls), List.of("child a", "child b", "worker"), "in a worker");
          }
          checkEqual(calls.size(), 10, "calls");
        }
      }
    }
  }

  private static void refusal() throws Exception {
    var reason = new IllegalStateException("not now");
    ForkListener refusing =
        new ForkListener() {
          @Override
          public void beforeFork() {
            throw reason;
          }

          @Override
          public void inParent() {
            write("parent refusing");
          }
        };
    Registration a = listen("a");
    Registration b = JvmFork.onFork(refusing);
    try (Registration _ = listen("c");
        Registration _ = listen("d")) {
      ForkException refused = failure();
      checkEqual(refused.stage(), ForkException.Stage.LISTENER, "stage");
      checkEqual(Objects.requireNonNull(refused.getCause()), reason, "cause");
      check(
          String.valueOf(refused.getMessage()).contains(refusing.getClass().getName()),
          "%s",
          refused.getMessage());
      checkEqual(
          of(Proc.self(), takeCalls()),
          List.of("before d", "before c", "parent c", "parent d"),
          "calls");
      check(Proc.children(Proc.self()).isEmpty(), "there is a child");

      b.close();
      Program.inChild(() -> {});
      checkEqual(takeCalls().size(), 9, "calls of the next fork");
    } finally {
      a.close();
      b.close();
    }
  }

  private static void failedFork() throws Exception {
    try (Registration _ = listen("a");
        Registration _ = listen("b")) {
      Libc.fault(LIBRARY, STAGE_CLONE, ENOMEM, 0);
      checkEqual(failure().stage(), ForkException.Stage.CLONE, "stage");
      checkEqual(
          of(Proc.self(), takeCalls()),
          List.of("before b", "before a", "parent a", "parent b"),
          "calls");
    }
  }

  private static void forkWithin() throws Exception {
    ForkListener forking =
        new ForkListener() {
          @Override
          public void beforeFork() {
            fork("before");
          }

          @Override
          public void inParent() {
            fork("parent");
          }

          @Override
          public void inChild() {
            fork("child");
          }

          private void fork(String where) {
            try {
              write("forked in " + where + ": " + JvmFork.fork());
            } catch (IllegalStateException e) {
              write(where + " refused");
            }
          }
        };
    try (Registration _ = JvmFork.onFork(forking)) {
      var child = Program.fork(() -> Program.inChild(() -> {}));
      Program.expectSuccess(child);
      List<String> calls = takeCalls();
      checkEqual(
          of(Proc.self(), calls), List.of("before refused", "parent refused"), "in the parent");
      checkEqual(
          of(child.pid(), calls),
          List.of("child refused", "before refused", "parent refused"),
          "in the child, which forks");
      checkEqual(calls.size(), 6, "calls");
    }
  }

  private static void failureAfterwards() throws Exception {
    ForkListener failing =
        new ForkListener() {
          @Override
          public void inParent() {
            throw new IllegalStateException("parent");
          }

          @Override
          public void inChild() {
            throw new IllegalStateException("child");
          }
        };
    Logger logger = Logger.getLogger("dev.tine.fork");
    Handler handler = new CallHandler();
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try (Registration _ = JvmFork.onFork(failing);
        Registration _ = listen("b")) {
      var child = Program.fork(() -> write("returned"));
      Program.expectSuccess(child);
      List<String> calls = takeCalls();
      checkEqual(
          of(Proc.self(), calls),
          List.of("before b", "SEVERE: IllegalStateException: parent", "parent b"),
          "in the parent");
      checkEqual(
          of(child.pid(), calls),
          List.of("SEVERE: IllegalStateException: child", "child b", "returned"),
          "in the child");
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(handler);
    }
  }

  /** Writes down what is logged. */
  private static final class CallHandler extends Handler {
    @Override
    public void publish(LogRecord record) {
      Throwable thrown = Objects.requireNonNull(record.getThrown());
      write(
          record.getLevel()
              + ": "
              + thrown.getClass().getSimpleName()
              + ": "
              + thrown.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  private static void repairsFirst() throws Exception {
    ForkListener drawing =
        new ForkListener() {
          @Override
          public void inParent() {
            draw();
          }

          @Override
          public void inChild() {
            draw();
          }

          private void draw() {
            write(Long.toString(RANDOM.nextLong()));
            write(Double.toString(Math.random()));
          }
        };
    int children = 3;
    try (Registration _ = JvmFork.onFork(drawing)) {
      List<Fork.Parent> forks = new ArrayList<>();
      for (int i = 0; i < children; i++) {
        forks.add(new Fork.Parent(Program.fork(() -> {})));
      }
      for (Fork.Parent fork : forks) {
        Program.expectSuccess(fork.child());
      }
    }
    List<String> drawn = takeCalls().stream().map(Listening::withoutPid).toList();
    checkEqual(drawn.size(), 4 * children, "numbers");
    check(new HashSet<>(drawn).size() == drawn.size(), "numbers repeat: %s", drawn);
  }

  private static void endInAChild() throws Exception {
    Registration a = listen("a");
    try {
      long parent = Proc.self();
      var child =
          Program.fork(() -> {
            a.close();
            Program.inChild(() -> {});
          });
      Program.expectSuccess(child);
      // Read here: the child cannot know whether this process has been told yet.
      List<String> calls = takeCalls();
      checkEqual(of(parent, calls), List.of("before a", "parent a"), "calls in the parent");
      checkEqual(of(child.pid(), calls), List.of("child a"), "calls in the child");
      checkEqual(calls.size(), 3, "calls, with those for a grandchild");

      Program.inChild(() -> {});
      checkEqual(takeCalls().size(), 3, "calls in the parent, where it has not ended");
    } finally {
      a.close();
    }
  }

  private static Registration listen(String name) {
    return JvmFork.onFork(new Recording(name));
  }

  private static ForkException failure() {
    try {
      throw new AssertionError("it was forked: " + Program.fork(() -> {}));
    } catch (ForkException e) {
      return e;
    }
  }

  /** Appends a line in one write: lines of several processes do not mix. */
  private static void write(String call) {
    try {
      Files.writeString(
          CALLS,
          Proc.self() + " " + call + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All lines since the last call. */
  private static List<String> takeCalls() throws IOException {
    if (!Files.exists(CALLS)) {
      return List.of();
    }
    List<String> calls = Files.readAllLines(CALLS);
    Files.delete(CALLS);
    return calls;
  }

  /** What a process has written. */
  private static List<String> of(long pid, List<String> calls) {
    return calls.stream()
        .filter(call -> call.startsWith(pid + " "))
        .map(Listening::withoutPid)
        .toList();
  }

  private static String withoutPid(String call) {
    return call.substring(call.indexOf(' ') + 1);
  }
}
