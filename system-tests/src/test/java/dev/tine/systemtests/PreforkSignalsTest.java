package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.PreforkJvm;
import dev.tine.systemtests.kit.PreforkJvm.Worker;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.PreforkWorkers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals to the monitor, its mold and its workers, and who outlives whom. */
@Timeout(90)
class PreforkSignalsTest {
  private static final Duration ORPHAN_LIMIT = Duration.ofSeconds(5);

  /** Less than the 10 s after which workers are killed anyway. */
  private static final Duration AT_ONCE = Duration.ofSeconds(8);

  @ParameterizedTest(name = "signal {0}")
  @ValueSource(ints = {2, 15})
  void shouldForwardTheSignalAndExitAfterTheLastWorker(int number) {
    var signal = new Signal(number);
    try (PreforkJvm prefork = PreforkJvm.start("2", "0")) {
      List<Worker> workers = prefork.workers(2);
      workers.forEach(worker -> assertThat(worker.ask("hold")).isEqualTo("ok"));

      Kill.process(prefork.pid(), signal);
      workers.forEach(worker -> prefork.jvm().awaitLine("stopping " + worker.id()));
      workers.getFirst().release();
      prefork.awaitLog(
          "INFO",
          "child 0 (pid %d) exited with status %d"
              .formatted(workers.getFirst().pid(), 128 + number));
      assertThat(Proc.title(prefork.pid())).startsWith("tine: monitor ");
      workers.getLast().release();

      prefork.expectExit(128 + number);
      assertThat(prefork.log())
          .hasSize(3)
          .endsWith(
              "INFO child 1 (pid %d) exited with status %d"
                  .formatted(workers.getLast().pid(), 128 + number));
    }
  }

  @Test
  void shouldKillAtOnceWhenAskedTwice() {
    try (PreforkJvm prefork = PreforkJvm.start("2", "0")) {
      List<Worker> workers = prefork.workers(2);
      workers.forEach(worker -> assertThat(worker.ask("hold")).isEqualTo("ok"));
      Kill.process(prefork.pid(), Signal.TERM);
      workers.forEach(worker -> prefork.jvm().awaitLine("stopping " + worker.id()));

      // A repetition in the first half second is taken for an echo, so it is repeated until it
      // works.
      await("end of both workers")
          .atMost(AT_ONCE)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> {
            Kill.isSent(prefork.pid(), Signal.TERM);
            return workers.stream().allMatch(worker -> Proc.state(worker.pid()) == '-');
          });

      prefork.expectExit(143);
      assertThat(prefork.log())
          .contains(
              "WARNING killing 2 processes: asked twice",
              "INFO child 0 (pid %d) killed by signal 9".formatted(workers.getFirst().pid()),
              "INFO child 1 (pid %d) killed by signal 9".formatted(workers.getLast().pid()));
    }
  }

  @Test
  void shouldLeaveNoOrphanWhenTheMonitorIsKilled() throws IOException {
    try (PreforkJvm prefork = PreforkJvm.start("3", "0")) {
      List<Worker> workers = prefork.workers(3);
      int port = Integer.parseInt(workers.getFirst().ask("listener"));
      // They would not go by themselves.
      workers.forEach(worker -> assertThat(worker.ask("ignore 15")).isEqualTo("ok"));
      workers.forEach(worker -> assertThat(worker.ask("hold")).isEqualTo("ok"));

      killMonitorAndExpectNoOrphan(prefork);

      try (var listener = new ServerSocket()) {
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      }
    }
  }

  @ParameterizedTest(name = "{0} workers have reported")
  @ValueSource(ints = {0, 1, 2})
  void shouldLeaveNoOrphanWhenTheMonitorIsKilledWhileItForks(int reported) {
    try (PreforkJvm prefork = PreforkJvm.start("3", "100", "crash")) {
      prefork.awaitLog("INFO", "Starting 3 processes");
      for (int id = 1; id <= reported; id++) {
        prefork.worker(id);
      }
      killMonitorAndExpectNoOrphan(prefork); // worker 0 is being restarted all the time
    }
  }

  private static void killMonitorAndExpectNoOrphan(PreforkJvm prefork) {
    Kill.process(prefork.pid(), Signal.KILL);
    await("end of all processes")
        .atMost(ORPHAN_LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> prefork.jvm().processes().isEmpty());
    assertThat(prefork.jvm().exitCode()).isEqualTo(128 + 9);
    prefork.jvm().assertNothingLeft();
  }

  @Test
  void shouldServeOnWithoutTheMoldAndMakeANewOneForTheNextRestart() {
    try (PreforkJvm prefork = PreforkJvm.start("2", "2")) {
      List<Worker> workers = prefork.workers(2);
      long mold = prefork.mold();
      Kill.process(mold, Signal.KILL);
      prefork.awaitLog(
          "WARNING",
          "mold (pid %d) killed by signal 9; its workers serve on, the next restart makes a new mold"
              .formatted(mold));
      workers.forEach(worker -> assertThat(worker.ask("ping")).isEqualTo("ok"));

      workers.getFirst().kill(Signal.KILL);
      Worker successor = prefork.worker(0);
      assertThat(successor.ask("ids")).isEqualTo("0 OptionalInt[0]");
      assertThat(Proc.title(successor.pid())).isEqualTo("tine: worker PreforkWorkers id=0 gen=2");
      assertThat(Proc.title(prefork.mold())).isEqualTo("tine: mold PreforkWorkers gen=2");
      assertThat(Proc.title(workers.getLast().pid()))
          .isEqualTo("tine: worker PreforkWorkers id=1 gen=1");
      assertThat(workers.getLast().ask("ping")).isEqualTo("ok");
      // A worker of the new mold is a worker: it stops as one, and has no monitor's handlers.
      successor.kill(Signal.TERM);
      prefork.awaitLog(
          "WARNING",
          "child 0 (pid %d) exited with status 143, restarting".formatted(successor.pid()));
      prefork.worker(0);
      prefork.stop();
    }
  }

  @Test
  void shouldForkOnOnceAStoppedMoldIsContinued() {
    try (PreforkJvm prefork = PreforkJvm.start("2", "2")) {
      List<Worker> workers = prefork.workers(2);
      long mold = prefork.mold();
      Kill.process(mold, Signal.STOP);
      await("stop").atMost(TestJvm.LIMIT).until(() -> Proc.state(mold) == 'T');

      workers.getFirst().kill(Signal.KILL);
      prefork.awaitLog(
          "WARNING",
          "child 0 (pid %d) killed by signal 9, restarting".formatted(workers.getFirst().pid()));
      assertThat(workers.getLast().ask("ping")).isEqualTo("ok");
      assertThat(Proc.children(prefork.pid()))
          .containsExactlyInAnyOrder(mold, workers.getLast().pid());

      Kill.process(mold, Signal.CONT);
      Worker successor = prefork.worker(0);
      assertThat(Proc.title(successor.pid())).endsWith(" id=0 gen=1");
      assertThat(prefork.mold()).isEqualTo(mold);
      prefork.stop();
    }
  }

  @Test
  void shouldStopThoughTheMoldDoesNotAnswer() {
    try (PreforkJvm prefork = PreforkJvm.start("2", "2")) {
      List<Worker> workers = prefork.workers(2);
      long mold = prefork.mold();
      Kill.process(mold, Signal.STOP);
      await("stop").atMost(TestJvm.LIMIT).until(() -> Proc.state(mold) == 'T');
      workers.getFirst().kill(Signal.KILL);
      prefork.awaitLog(
          "WARNING",
          "child 0 (pid %d) killed by signal 9, restarting".formatted(workers.getFirst().pid()));

      prefork.stop(); // the limit of an answer is 60 s, that of a test step 40 s

      assertThat(prefork.log())
          .anyMatch(line -> line.startsWith("WARNING child 0 could not be forked: "))
          .contains(
              "INFO child 1 (pid %d) exited with status 143".formatted(workers.getLast().pid()));
    }
  }

  @Test
  void shouldUseNoProcessorForTheMoldWhileTheMonitorIsBusy() {
    try (PreforkJvm prefork = PreforkJvm.start("2", "0", "burn")) {
      List<Worker> workers = prefork.workers(2);
      long mold = prefork.mold();
      assertThat(Proc.status(mold, "Threads")).isEqualTo("1");
      // A worker may serve before the mold, which has answered, is back at its wait for an order.
      await("the mold to wait").atMost(TestJvm.LIMIT).until(() -> Proc.state(mold) == 'S');
      long moldTicks = Proc.cpuTicks(mold);
      String moldSwitches = switches(mold);
      long monitorTicks = Proc.cpuTicks(prefork.pid());

      await("a second of processor time of the monitor")
          .atMost(TestJvm.LIMIT)
          .until(() -> {
            workers.forEach(worker -> assertThat(worker.ask("ping")).isEqualTo("ok"));
            return Proc.cpuTicks(prefork.pid()) >= monitorTicks + 100;
          });

      assertThat(Proc.cpuTicks(mold)).isEqualTo(moldTicks);
      assertThat(switches(mold)).as("it has not even been scheduled").isEqualTo(moldSwitches);
      prefork.stop();
    }
  }

  @Test
  void shouldShowTheRolesInPs() {
    try (PreforkJvm prefork =
        PreforkJvm.start(
            PreforkJvm.program(PreforkWorkers.class)
                .options("-Ddev.tine.name=shop")
                .arguments("2", "1"))) {
      List<Worker> workers = prefork.workers(2);
      workers.getLast().kill(Signal.KILL);
      Worker successor = prefork.worker(1);

      assertThat(Proc.title(prefork.pid())).isEqualTo("tine: monitor shop");
      assertThat(Proc.title(prefork.mold())).isEqualTo("tine: mold shop gen=1");
      assertThat(Proc.title(workers.getFirst().pid())).isEqualTo("tine: worker shop id=0 gen=1");
      assertThat(Proc.title(successor.pid())).isEqualTo("tine: worker shop id=1 gen=1");
      assertThat(prefork.jvm().processes())
          .containsExactlyInAnyOrder(
              prefork.pid(), prefork.mold(), workers.getFirst().pid(), successor.pid());
      assertThat(List.of(prefork.mold(), workers.getFirst().pid(), successor.pid()))
          .allMatch(pid -> Proc.parent(pid) == prefork.pid());
      prefork.stop();
    }
  }

  @Test
  void shouldEndWithTheWholeProcessGroup() {
    try (PreforkJvm prefork =
        PreforkJvm.start(
            PreforkJvm.program(PreforkWorkers.class)
                .launcher("setsid", PreforkJvm.JAVA)
                .arguments("3", "0"))) {
      prefork.workers(3);
      Kill.group(prefork.pid(), Signal.INT); // as a terminal does for Ctrl-C
      prefork.expectExit(130);
      // One signal each, from the terminal and from the monitor: no worker counts as failed.
      assertThat(prefork.log()).hasSize(4);
      assertThat(prefork.log().subList(1, 4))
          .allMatch(line -> line.matches("INFO child [012] \\(pid \\d+\\) exited with status 130"));
    }
  }

  @Test
  void shouldEndByCtrlC() {
    try (TestJvm jvm =
        TestJvm.of(PreforkWorkers.class)
            .launcher("sh", "-c", "exec script -qefc \"exec $*\" /dev/null", "sh", PreforkJvm.JAVA)
            .arguments("2", "0")
            .start()) {
      // A terminal shows both streams, with ends of lines of its own.
      jvm.awaitLine("worker 0 .*");
      jvm.awaitLine("worker 1 .*");
      jvm.send("\u0003");
      jvm.awaitLine("(\\^C)?monitor ends: task id OptionalInt.empty, children \\[\\]");
      assertThat(jvm.exitCode()).as("exit code%s", jvm.report()).isEqualTo(130);
      jvm.assertNothingLeft();
    }
  }

  @Test
  void shouldForkLaterWorkersFromTheStateAtTheCall() throws IOException {
    try (PreforkJvm prefork = PreforkJvm.start("2", "1", "count")) {
      List<Worker> workers = prefork.workers(2);
      prefork.touch("go");
      prefork.jvm().awaitLine("counted"); // the parent has COUNTED now
      workers.getFirst().kill(Signal.KILL);
      Worker successor = prefork.worker(0);
      assertThat(successor.ask("counter")).isEqualTo("0");
      assertThat(workers.getLast().ask("counter")).isEqualTo("0");
      Files.delete(prefork.jvm().directory().resolve("go"));
      prefork.stop();
    }
  }

  private static String switches(long pid) {
    return Proc.status(pid, "voluntary_ctxt_switches")
        + "+"
        + Proc.status(pid, "nonvoluntary_ctxt_switches");
  }
}
