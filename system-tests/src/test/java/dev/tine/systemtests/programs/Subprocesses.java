package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;

import dev.tine.fork.ForkedProcess;
import dev.tine.fork.mold.Frozen;
import dev.tine.fork.mold.Mold;
import dev.tine.process.Command;
import dev.tine.process.EventLoop;
import dev.tine.process.ExitStatus;
import dev.tine.process.Signal;
import dev.tine.process.Stdio;
import dev.tine.process.StreamClosedException;
import dev.tine.process.Subprocess;
import dev.tine.process.Terminal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Starts subprocesses before a fork and after it. */
public final class Subprocesses {
  private static final Command CAT = Command.of("cat").stdin(Stdio.STREAM).stdout(Stdio.STREAM);

  private Subprocesses() {}

  static void main() throws IOException {
    Program.serve(
        Map.of(
            "own children", Subprocesses::ownChildren,
            "parent's children", Subprocesses::parentsChildren,
            "end of input", Subprocesses::endOfInput,
            "waiting thread", Subprocesses::waitingThread,
            "workers", Subprocesses::workers,
            "end of input beside a mold", () -> besideMold(Subprocesses::endOfInputNow),
            "hangup beside a mold", () -> besideMold(Subprocesses::hangupNow)));
  }

  private static void ownChildren() throws Exception {
    echo();
    EventLoop loop = EventLoop.shared();
    inChild(() -> {
      check(EventLoop.shared() == loop, "the child has another loop");
      for (int i = 0; i < 20; i++) {
        echo();
      }
      checkEqual(Command.of("echo", "x").run().text(), "x\n", "output");
      inChild(Subprocesses::echo);
      echo();
    });
    echo();
  }

  private static void parentsChildren() throws Exception {
    Subprocess cat = CAT.start();
    CompletableFuture<byte[]> read = cat.stdout().readBytes(5);
    inChild(() -> {
      ExitStatus status = get(cat.exit());
      check(status instanceof ExitStatus.Unknown, "the parent's child ended as %s", status);
      check(!cat.signal(Signal.KILL), "the parent's child was signalled");
      check(cat.stdin().isClosed(), "the parent's pipe is open");
      try {
        get(read);
        throw new AssertionError("the child read what is its parent's");
      } catch (StreamClosedException e) {
        check(String.valueOf(e.getMessage()).contains("forked from"), "%s", e);
      }
    });
    check(cat.isAlive(), "the parent's child has ended");
    get(cat.stdin().write("hello"));
    checkEqual(new String(get(read), StandardCharsets.UTF_8), "hello", "echo");
    cat.stdin().close();
    checkEqual(get(cat.exit()).returnCode(), 0, "return code");
    cat.close();
  }

  private static void endOfInput() throws Exception {
    Subprocess cat = CAT.start();
    CompletableFuture<byte[]> whole = cat.stdout().readUntilClose();
    CompletableFuture<byte[]> ended = new CompletableFuture<>();
    ForkedProcess child =
        Program.fork(() -> {
          Subprocess own = CAT.start();
          ended.complete(get(own.stdout().readBytes(1_000_000))); // as long as the parent wants
        });
    get(cat.stdin().write("last"));
    cat.stdin().close();
    checkEqual(new String(get(whole), StandardCharsets.UTF_8), "last", "output");
    checkEqual(get(cat.exit()).returnCode(), 0, "return code");
    cat.close();
    child.signal(dev.tine.fork.Signal.KILL);
    child.waitFor();
  }

  /**
   * A thread that waits for a subprocess by itself goes on in the parent, and ends in the child.
   */
  private static void waitingThread() throws Exception {
    Subprocess cat = CAT.start();
    CompletableFuture<ExitStatus> end = new CompletableFuture<>();
    Thread waiter =
        Thread.ofPlatform()
            .start(() -> {
              try {
                end.complete(cat.waitFor());
              } catch (InterruptedException e) {
                end.completeExceptionally(e);
              }
            });
    for (int i = 0; i < 10; i++) {
      inChild(() -> {
        check(get(end) instanceof ExitStatus.Unknown, "the parent's child ended as %s", end);
        waiter.join();
        echo();
      });
      check(waiter.isAlive(), "the thread of the parent has ended");
    }
    cat.stdin().close();
    checkEqual(get(end).returnCode(), 0, "return code");
    waiter.join();
    cat.close();
  }

  /** One is made while a subprocess of the monitor runs, one after its end. */
  private static void workers() throws Exception {
    echo();
    EventLoop loop = EventLoop.shared();
    Subprocess cat = CAT.start();
    switch (Mold.freeze("tine-test: mold")) {
      case Frozen.Worker _ ->
          Program.end(() -> {
            check(EventLoop.shared() == loop, "the worker has another loop");
            ExitStatus status = get(cat.exit());
            check(status instanceof ExitStatus.Unknown, "the monitor's child ended as %s", status);
            for (int i = 0; i < 5; i++) {
              echo();
            }
            checkEqual(Command.of("echo", "x").run().text(), "x\n", "output");
            inChild(Subprocesses::echo);
          });
      case Frozen.Monitor(Mold mold) -> {
        try (mold) {
          Program.expectSuccess(mold.forkWorker(1, "tine-test: worker"));
          cat.stdin().close();
          checkEqual(get(cat.exit()).returnCode(), 0, "return code");
          Program.expectSuccess(mold.forkWorker(2, "tine-test: worker"));
          echo();
        }
      }
    }
    cat.close();
  }

  /** Does something with subprocesses that started before a mold and a worker of it, which live. */
  private static void besideMold(BesideMold step) throws Exception {
    try (Subprocess cat = CAT.start();
        Terminal terminal =
            Command.of("sh", "-c", "trap '' TERM; trap 'exit 7' HUP; echo ready; cat")
                .startOnTerminal(24, 80)) {
      get(terminal.output().readUntil("ready"));
      switch (Mold.freeze("tine-test: mold")) {
        case Frozen.Worker _ -> Program.end(() -> new CountDownLatch(1).await());
        case Frozen.Monitor(Mold mold) -> {
          try (mold) {
            ForkedProcess worker = mold.forkWorker(1, "tine-test: worker");
            try {
              step.run(cat, terminal);
              check(mold.process().isAlive() && worker.isAlive(), "mold or worker has ended");
            } finally {
              worker.signal(dev.tine.fork.Signal.KILL);
              worker.waitFor();
            }
          }
        }
      }
    }
  }

  private interface BesideMold {
    void run(Subprocess cat, Terminal terminal) throws Exception;
  }

  private static void endOfInputNow(Subprocess cat, Terminal terminal) throws Exception {
    get(cat.stdin().write("last"));
    cat.stdin().close();
    checkEqual(
        new String(get(cat.stdout().readUntilClose()), StandardCharsets.UTF_8), "last", "output");
    checkEqual(get(cat.exit()).returnCode(), 0, "return code");
  }

  private static void hangupNow(Subprocess cat, Terminal terminal) throws Exception {
    terminal.close(); // which stops it by SIGKILL, in the end, if it does not hear of the hangup
    checkEqual(get(terminal.subprocess().exit()).returnCode(), 7, "return code");
  }

  private static void echo() throws Exception {
    try (Subprocess cat = CAT.start()) {
      get(cat.stdin().write("hello"));
      checkEqual(
          new String(get(cat.stdout().readBytes(5)), StandardCharsets.UTF_8), "hello", "echo");
      cat.stdin().close();
      checkEqual(get(cat.exit()).returnCode(), 0, "return code");
    }
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(Program.LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
