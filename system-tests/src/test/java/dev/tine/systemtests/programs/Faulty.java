package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.ForkException;
import dev.tine.fork.ForkException.Stage;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.mold.Frozen;
import dev.tine.fork.mold.Mold;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Forks that fail at every stage, by the library with faults; after each the process is as before.
 */
public final class Faulty {
  private static final String LIBRARY =
      Objects.requireNonNull(System.getProperty("dev.tine.library"));

  private static final int EIO = 5;
  private static final int EAGAIN = 11;
  private static final int ENOMEM = 12;
  private static final int ETIMEDOUT = 110;
  private static final int STOPPED = -19;
  private static final int KILLED = -9;

  /** enum tine_stage of tine.h. */
  private static final Map<Stage, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry(Stage.SIGNAL, 1),
          Map.entry(Stage.LEADER, 2),
          Map.entry(Stage.PARK, 3),
          Map.entry(Stage.SURVEY, 4),
          Map.entry(Stage.CLONE, 5),
          Map.entry(Stage.PARENT_TIE, 6),
          Map.entry(Stage.DESCRIPTORS, 7),
          Map.entry(Stage.IDENTITY, 8),
          Map.entry(Stage.THREADS, 9),
          Map.entry(Stage.VERDICT, 10),
          Map.entry(Stage.ORDER, 12));

  private static final List<Stage> IN_PARENT =
      List.of(Stage.SIGNAL, Stage.LEADER, Stage.PARK, Stage.SURVEY, Stage.CLONE);
  private static final List<Stage> IN_CHILD =
      List.of(Stage.PARENT_TIE, Stage.DESCRIPTORS, Stage.IDENTITY, Stage.THREADS, Stage.VERDICT);

  private Faulty() {}

  /** What fails; returns the failure. */
  interface Attempt {
    ForkException make() throws Exception;
  }

  static void main() throws IOException {
    SelfCheck.prepare();
    Program.serve(
        Map.of(
            "fork fails", Faulty::forkFails,
            "child dies", Faulty::childDies,
            "child stops", Faulty::childStops,
            "freeze fails", Faulty::freezeFails,
            "mold dies", Faulty::moldDies,
            "worker fails", Faulty::workerFails,
            "worker dies", Faulty::workerDies,
            "worker stops", Faulty::workerStops,
            "park is tried again", Faulty::parkIsTriedAgain,
            "mold works", Faulty::moldWorks));
  }

  private static void forkFails() throws Exception {
    for (Stage stage : IN_PARENT) {
      afterFailure(Faulty::fork, stage, stage, EIO, EIO, 0);
    }
    for (Stage stage : IN_CHILD) {
      afterFailure(Faulty::fork, stage, stage, EIO, EIO, 0);
    }
    ForkException memory = afterFailure(Faulty::fork, Stage.CLONE, Stage.CLONE, ENOMEM, ENOMEM, 0);
    check(
        String.valueOf(memory.getMessage()).contains("vm.overcommit_memory="),
        "%s",
        memory.getMessage());
    ForkException tasks = afterFailure(Faulty::fork, Stage.CLONE, Stage.CLONE, EAGAIN, EAGAIN, 0);
    check(String.valueOf(tasks.getMessage()).contains("RLIMIT_NPROC="), "%s", tasks.getMessage());
    afterFailure(
        Faulty::fork, Stage.THREADS, Stage.THREADS, ENOMEM, ENOMEM, 5); // some threads exist
  }

  private static void childDies() throws Exception {
    for (Stage stage : IN_CHILD) {
      ForkException death = afterFailure(Faulty::fork, stage, Stage.VERDICT, KILLED, -1, 0);
      check(
          String.valueOf(death.getMessage()).contains("killed by signal 9"),
          "%s",
          death.getMessage());
    }
    afterFailure(Faulty::fork, Stage.THREADS, Stage.VERDICT, KILLED, -1, 5);
  }

  private static void childStops() throws Exception {
    ForkException failure =
        afterFailure(Faulty::fork, Stage.DESCRIPTORS, Stage.VERDICT, STOPPED, ETIMEDOUT, 0);
    check(
        String.valueOf(failure.getMessage()).contains("did not become whole in time"),
        "%s",
        failure.getMessage());
  }

  private static void freezeFails() throws Exception {
    for (Stage stage : IN_PARENT) {
      afterFailure(Faulty::freeze, stage, stage, EIO, EIO, 0);
    }
    for (Stage stage :
        List.of(Stage.PARENT_TIE, Stage.DESCRIPTORS, Stage.IDENTITY, Stage.VERDICT)) {
      afterFailure(Faulty::freeze, stage, stage, EIO, EIO, 0);
    }
  }

  private static void moldDies() throws Exception {
    for (Stage stage :
        List.of(Stage.PARENT_TIE, Stage.DESCRIPTORS, Stage.IDENTITY, Stage.VERDICT)) {
      afterFailure(Faulty::freeze, stage, Stage.VERDICT, KILLED, -1, 0);
    }
  }

  private static void workerFails() throws Exception {
    afterFailure(() -> failingWorker(Stage.CLONE, ENOMEM, 1), Stage.CLONE, ENOMEM);
    afterFailure(() -> failingWorker(Stage.PARENT_TIE, EIO, 1), Stage.PARENT_TIE, EIO);
    afterFailure(() -> failingWorker(Stage.DESCRIPTORS, EIO, 1), Stage.DESCRIPTORS, EIO);
    afterFailure(() -> failingWorker(Stage.THREADS, EAGAIN, 0), Stage.THREADS, EAGAIN);
    afterFailure(() -> failingWorker(Stage.THREADS, EAGAIN, 5), Stage.THREADS, EAGAIN);
    afterFailure(() -> failingWorker(Stage.VERDICT, EIO, 1), Stage.VERDICT, EIO);
    afterFailure(() -> failingWorker(Stage.ORDER, EIO, 0), Stage.ORDER, EIO);
  }

  private static void workerDies() throws Exception {
    for (Stage stage :
        List.of(Stage.PARENT_TIE, Stage.DESCRIPTORS, Stage.IDENTITY, Stage.VERDICT)) {
      afterFailure(() -> failingWorker(stage, KILLED, 1), Stage.VERDICT, -1);
    }
    afterFailure(() -> failingWorker(Stage.THREADS, KILLED, 3), Stage.VERDICT, -1);
  }

  private static void workerStops() throws Exception {
    Libc.fault(LIBRARY, number(Stage.DESCRIPTORS), STOPPED, 1);
    try (Mold mold = mold()) {
      ForkException failure = orderFails(mold);
      checkEqual(failure.stage() + " " + failure.errno(), "VERDICT " + ETIMEDOUT, "failure");
    }
    withoutChildren();
  }

  /** More threads than there was room for is no reason to fail. */
  private static void parkIsTriedAgain() throws Exception {
    Libc.fault(LIBRARY, number(Stage.PARK), EAGAIN, 0);
    Program.inChild(() -> SelfCheck.run(false));
  }

  private static void moldWorks() throws Exception {
    try (Mold mold = mold()) {
      for (int id = 3; id < 6; id++) {
        Program.expect(mold.forkWorker(id, "tine-test: worker " + id), new ExitStatus.Exited(id));
      }
    }
    withoutChildren();
  }

  private static int number(Stage stage) {
    return Objects.requireNonNull(NUMBERS.get(stage));
  }

  static ForkException fork() {
    try {
      ForkedProcess child = Program.fork(() -> {});
      throw new AssertionError("it was forked: " + child);
    } catch (ForkException e) {
      return e;
    }
  }

  private static ForkException freeze() {
    try {
      Mold mold = mold();
      throw new AssertionError("it was frozen: " + mold.process());
    } catch (ForkException e) {
      return e;
    }
  }

  /** The mold passes the stage {@code skip} times itself before a worker does. */
  private static ForkException failingWorker(Stage stage, int error, int skip) throws Exception {
    boolean inMonitor = stage == Stage.ORDER;
    if (!inMonitor) {
      Libc.fault(LIBRARY, number(stage), error, skip);
    }
    try (Mold mold = mold()) {
      Libc.fault(LIBRARY, inMonitor ? number(stage) : 0, error, 0);
      ForkException failure = orderFails(mold);
      check(mold.process().isAlive(), "the mold has ended");
      await(
          "only the mold is left",
          () -> Proc.children(Proc.self()).equals(List.of(mold.process().pid())));
      // A fault that the mold or the monitor has consumed is over; one that waits in its memory
      // hits every worker.
      if (stage == Stage.CLONE || inMonitor) {
        Program.expect(mold.forkWorker(7, "tine-test: worker"), new ExitStatus.Exited(7));
      } else {
        checkEqual(orderFails(mold).stage(), failure.stage(), "stage of the next worker's failure");
      }
      return failure;
    }
  }

  static ForkException orderFails(Mold mold) {
    try {
      ForkedProcess worker = mold.forkWorker(1, "tine-test: worker");
      throw new AssertionError("a worker was made: " + worker);
    } catch (ForkException e) {
      return e;
    }
  }

  /** In workers it does not return: they exit with their id. */
  static Mold mold() {
    return switch (Mold.freeze("tine-test: mold")) {
      case Frozen.Monitor(Mold mold) -> mold;
      case Frozen.Worker(int id) -> {
        int code = 99;
        try {
          Libc.fault(LIBRARY, 0, 0, 0);
          SelfCheck.run(false);
          code = id;
        } catch (Throwable e) {
          System.err.print("in worker " + id + ": " + Program.trace(e));
        } finally {
          Libc.syscall(Libc.SYS_EXIT_GROUP, code);
        }
        throw new AssertionError("exit_group returned");
      }
    };
  }

  private static ForkException afterFailure(
      Attempt attempt, Stage fault, Stage expected, int error, int expectedErrno, int skip)
      throws Exception {
    return afterFailure(
        () -> {
          Libc.fault(LIBRARY, number(fault), error, skip);
          return attempt.make();
        },
        expected,
        expectedErrno);
  }

  /** Fails, and looks whether anything is left of it; -1: any errno. */
  static ForkException afterFailure(Attempt attempt, Stage expected, int expectedErrno)
      throws Exception {
    withoutChildren();
    List<String> threads = Proc.threadNames(Proc.self());
    Map<Integer, String> descriptors = Proc.descriptors(Proc.self());
    ForkException failure = attempt.make();
    checkEqual(failure.stage(), expected, "stage of: " + failure.getMessage());
    check(
        expectedErrno < 0 || failure.errno() == expectedErrno,
        "errno %d: %s",
        failure.errno(),
        failure.getMessage());
    withoutChildren();
    checkEqual(
        Proc.descriptors(Proc.self()), descriptors, "descriptors after " + failure.getMessage());
    check(
        Proc.threadNames(Proc.self()).size()
            <= threads.size() + 1, // the JVM may have started one of its own
        "threads %s, before %s",
        Proc.threadNames(Proc.self()),
        threads);
    Libc.fault(LIBRARY, 0, 0, 0);
    Program.inChild(() -> SelfCheck.run(false));
    return failure;
  }

  static void withoutChildren() {
    await("no child is left", () -> Proc.children(Proc.self()).isEmpty());
    await(
        "no pidfd is open",
        () -> !Proc.descriptors(Proc.self()).containsValue("anon_inode:[pidfd]"));
  }
}
