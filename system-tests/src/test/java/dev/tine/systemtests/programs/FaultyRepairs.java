package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.fork.ForkException;
import dev.tine.fork.ForkException.Stage;
import dev.tine.fork.Signal;
import dev.tine.fork.mold.Mold;
import dev.tine.sys.ForkCall;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Children whose repairs in Java fail, by the library with faults; after each the process is as
 * before.
 */
public final class FaultyRepairs {
  private static final String LIBRARY =
      Objects.requireNonNull(System.getProperty("dev.tine.library"));

  private static final int EIO = 5;
  private static final int ECHILD = 10;
  private static final int ETIMEDOUT = 110;
  private static final int ECANCELED = 125;
  private static final int STOPPED = -19;
  private static final int KILLED = -9;

  /** TINE_FAULT_REPAIR of fault.h. */
  private static final int FIRST = 200;

  private static final int NOT_WHOLE = 113;

  private FaultyRepairs() {}

  static void main() throws IOException {
    SelfCheck.prepare();
    Program.serve(
        Map.of(
            "forks", () -> Program.inChild(() -> SelfCheck.run(false)),
            "repair fails", FaultyRepairs::repairFails,
            "child dies", FaultyRepairs::childDies,
            "child stops", FaultyRepairs::childStops,
            "worker's repair fails", FaultyRepairs::workersRepairFails,
            "worker dies", FaultyRepairs::workerDies,
            "worker stops", FaultyRepairs::workerStops,
            "mold ends", FaultyRepairs::moldEnds));
  }

  private static void repairFails() throws Exception {
    Set<String> whats = new HashSet<>();
    int repairs = repairs();
    for (int number = FIRST; number < FIRST + repairs; number++) {
      ForkException failure = afterFault(Faulty::fork, number, EIO, EIO);
      String message = String.valueOf(failure.getMessage());
      check(
          message.endsWith("repair: Input/output error; it has ended with status 113"),
          "%s",
          message);
      whats.add(message);
    }
    check(
        repairs >= 6 && whats.size() == repairs, "%d repairs, of which failed: %s", repairs, whats);
  }

  private static void childDies() throws Exception {
    for (int number = FIRST; number < FIRST + repairs(); number++) {
      ForkException death = afterFault(Faulty::fork, number, KILLED, ECHILD);
      check(
          String.valueOf(death.getMessage()).endsWith("it was killed by signal 9"),
          "%s",
          death.getMessage());
    }
  }

  /** The parent's other threads run while the one that forks waits. */
  private static void childStops() throws Exception {
    afterFault(
        () -> {
          CompletableFuture<Long> seen = CompletableFuture.supplyAsync(FaultyRepairs::stopped);
          ForkException failure = Faulty.fork();
          check(seen.isDone(), "no thread of the parent ran while the child was stopped");
          return failure;
        },
        FIRST,
        STOPPED,
        ETIMEDOUT);
  }

  private static void workersRepairFails() throws Exception {
    for (int number = FIRST; number < FIRST + repairs(); number++) {
      ForkException failure = afterFault(FaultyRepairs::worker, number, EIO, EIO);
      String message = String.valueOf(failure.getMessage());
      check(message.startsWith("cannot fork a worker: the child could not"), "%s", message);
      check(message.contains("repair: Input/output error"), "%s", message);
    }
  }

  private static void workerDies() throws Exception {
    for (int number = FIRST; number < FIRST + repairs(); number++) {
      afterFault(FaultyRepairs::worker, number, KILLED, ECHILD);
    }
  }

  private static void workerStops() throws Exception {
    afterFault(FaultyRepairs::worker, FIRST, STOPPED, ETIMEDOUT);
  }

  /** Long before a worker that is stuck would be given up. */
  private static void moldEnds() throws Exception {
    afterFault(
        () -> {
          try (Mold mold = Faulty.mold()) {
            CompletableFuture<Void> end =
                CompletableFuture.runAsync(() -> {
                  long worker = stopped();
                  checkEqual(Proc.parent(worker), Proc.self(), "parent of the worker");
                  mold.process().signal(Signal.KILL);
                });
            ForkException failure = Faulty.orderFails(mold);
            end.join();
            return failure;
          }
        },
        FIRST,
        STOPPED,
        ECANCELED);
  }

  /** Two workers of one mold fail alike: the first has not held up the mold. */
  private static ForkException worker() {
    try (Mold mold = Faulty.mold()) {
      ForkException failure = Faulty.orderFails(mold);
      if (failure.errno() == EIO) {
        checkEqual(Faulty.orderFails(mold).errno(), EIO, "errno of the next worker");
      }
      check(mold.process().isAlive(), "the mold has ended");
      await(
          "only the mold is left",
          () -> Proc.children(Proc.self()).equals(List.of(mold.process().pid())));
      return failure;
    }
  }

  /** A stopped child of this process, when there is one. */
  private static long stopped() {
    long[] pid = new long[1];
    await(
        "a child is stopped",
        () -> {
          for (long child : Proc.children(Proc.self())) {
            if (Proc.state(child) == 'T') {
              pid[0] = child;
            }
          }
          return pid[0] != 0;
        });
    return pid[0];
  }

  /** How many repairs there are: a fault at one that does not exist fails nothing. */
  private static int repairs() throws InterruptedException {
    for (int number = FIRST; ; number++) {
      Libc.fault(LIBRARY, number, EIO, 0);
      Optional<ForkException> failure = forkOnce();
      Libc.fault(LIBRARY, 0, 0, 0);
      if (failure.isEmpty()) {
        return number - FIRST;
      }
      checkEqual(failure.get().stage(), Stage.REPAIR, "stage of a failed repair");
      ForkCall.Result result = ForkCall.last();
      checkEqual(result.exitCode(), NOT_WHOLE, "exit status of " + result.pid());
      withoutFiles(result.pid());
    }
  }

  private static Optional<ForkException> forkOnce() throws InterruptedException {
    try {
      Program.inChild(() -> {});
      return Optional.empty();
    } catch (ForkException e) {
      return Optional.of(e);
    }
  }

  /** A child that ended itself has taken with it what tools would find it by. */
  private static void withoutFiles(int pid) {
    Path counters =
        Path.of("/tmp/hsperfdata_" + System.getProperty("user.name"), String.valueOf(pid));
    check(
        Files.exists(counters.resolveSibling(String.valueOf(Proc.self()))),
        "this JVM has no file %s",
        counters.getParent());
    check(Files.notExists(counters), "%s is left", counters);
    check(Files.notExists(Path.of("/tmp/.java_pid" + pid)), "a socket of %d is left", pid);
  }

  private static ForkException afterFault(
      Faulty.Attempt attempt, int number, int error, int expectedErrno) throws Exception {
    return Faulty.afterFailure(
        () -> {
          Libc.fault(LIBRARY, number, error, 0);
          return attempt.make();
        },
        Stage.REPAIR,
        expectedErrno);
  }
}
