package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.FaultyServer;
import dev.tine.systemtests.programs.Versioned;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The monitor, the program and the mold, killed or stopped at each point of their lives. A killed
 * monitor leaves no process and no port; a killed or stopped program is told as what it is; a
 * killed mold has a successor, and workers that serve go on.
 */
@Timeout(120)
class RunKilledTest {
  private static final Signal STOP = new Signal(19);
  private static final int DESCRIPTORS = 7;
  private static final int REPAIR = 200;
  private static final int STOPPED = -19;
  private static final List<String> NOT_WARM = List.of("--workers", "1", "--warmup-requests", "0");

  private static RunJvm faulty(int stage, int error, int skip) {
    int port = RunJvm.freePort();
    List<String> command = new ArrayList<>(RunJvm.javaCommand());
    command.addAll(
        List.of(
            FaultyServer.class.getName(),
            Integer.toString(stage),
            Integer.toString(error),
            Integer.toString(skip),
            Integer.toString(port)));
    return RunJvm.startWithFaults(NOT_WARM, command, port);
  }

  private static List<String> versioned(int port, String version) {
    List<String> command = new ArrayList<>(RunJvm.javaCommand());
    command.addAll(List.of(Versioned.class.getName(), Integer.toString(port), version));
    return command;
  }

  @Test
  void shouldLeaveNothingWhenTheMonitorIsKilledWhileTheProgramBoots() {
    try (RunJvm run = RunJvm.plain(NOT_WARM, "never-listens")) {
      run.monitor().awaitLine("boot \\| hello, this is the program");
      Kill.process(run.monitor().pid(), Signal.KILL);
      run.expectKilled();
    }
  }

  @Test
  void shouldLeaveNothingWhenTheMonitorIsKilledWhileTheProgramIsWarmed() {
    try (RunJvm run = RunJvm.plain(List.of("--workers", "1", "--warmup-seconds", "60"))) {
      run.monitor().awaitErrorLine("tine: ready gen=1 .*");
      Kill.process(run.monitor().pid(), Signal.KILL);
      run.expectKilled();
    }
  }

  /** The mold has stopped before it is one: its freeze is not answered. */
  @Test
  void shouldLeaveNothingWhenTheMonitorIsKilledWhileTheProgramIsFrozen() {
    try (RunJvm run = faulty(DESCRIPTORS, STOPPED, 0)) {
      run.monitor().awaitErrorLine("tine: ready gen=1 .*");
      awaitStopped(run);
      Kill.process(run.monitor().pid(), Signal.KILL);
      run.expectKilled();
    }
  }

  /** A worker has stopped in its repairs: its order is not answered for good. */
  @Test
  void shouldLeaveNothingWhenTheMonitorIsKilledWhileAWorkerIsMade() {
    try (RunJvm run = faulty(REPAIR, STOPPED, 1)) {
      run.monitor().awaitErrorLine("tine: frozen gen=1 .*");
      awaitStopped(run);
      Kill.process(run.monitor().pid(), Signal.KILL);
      run.expectKilled();
    }
  }

  /** Waits until one of its processes is stopped. */
  private static void awaitStopped(RunJvm run) {
    await("a process that is stopped")
        .atMost(TestJvm.LIMIT)
        .until(
            () -> run.monitor().processes().stream().anyMatch(other -> Proc.state(other) == 'T'));
  }

  @Test
  void shouldLeaveNothingWhenTheMonitorIsKilledWhileAWorkerFinishes(@TempDir Path directory) {
    int port = RunJvm.freePort();
    try (RunJvm run = RunJvm.start(NOT_WARM, versioned(port, "one"), port)) {
      run.awaitWorkers(1);
      var held =
          CompletableFuture.supplyAsync(() -> {
            try {
              return run.get("/held?" + directory.resolve("never"));
            } catch (IOException e) {
              throw new CompletionException(e);
            }
          });
      run.monitor().awaitLine("0 \\| holding a request");
      run.tine(0, "restart", "0");
      run.monitor().awaitErrorLine("tine: draining id=0 .*");
      Kill.process(run.monitor().pid(), Signal.KILL);
      run.expectKilled();
      assertThat(held).failsWithin(TestJvm.LIMIT);
    }
  }

  @Test
  void shouldLeaveNothingWhenTheMonitorIsKilledWhileAGenerationTakesOver() {
    int port = RunJvm.freePort();
    List<String> options = List.of("--workers", "3", "--warmup-requests", "0", "--probation", "0s");
    try (RunJvm run = RunJvm.start(options, versioned(port, "one"), port)) {
      run.awaitWorkers(3);
      Kill.process(run.monitor().pid(), Signal.HUP);
      run.monitor().awaitErrorLine("tine: worker id=0 pid=[0-9]+ gen=2");
      Kill.process(run.monitor().pid(), Signal.KILL);
      run.expectKilled();
    }
  }

  @Test
  void shouldTellThatTheProgramWasKilledWhileItBooted() {
    try (RunJvm run = RunJvm.plain(NOT_WARM, "never-listens")) {
      run.monitor().awaitLine("boot \\| hello, this is the program");
      Kill.process(run.child("java"), Signal.KILL);
      run.monitor()
          .awaitErrorLine(
              "tine run: the program killed by SIGKILL after [0-9.]+ s, before it listened at a"
                  + " port");
      run.expectExit(1);
    }
  }

  @Test
  void shouldGiveUpAProgramThatIsStoppedWhileItBoots() {
    List<String> options = List.of("--workers", "1", "--ready-timeout", "2s");
    try (RunJvm run = RunJvm.plain(options, "never-listens")) {
      run.monitor().awaitLine("boot \\| hello, this is the program");
      Kill.process(run.child("java"), STOP);
      run.monitor().awaitErrorLine("tine run: .* 2 s.*");
      run.expectExit(1);
    }
  }

  @Test
  void shouldTellThatTheProgramWasKilledWhileItWasWarmed() {
    try (RunJvm run = RunJvm.plain(List.of("--workers", "1", "--warmup-seconds", "60"))) {
      run.monitor().awaitErrorLine("tine: ready gen=1 .*");
      Kill.process(run.child("java"), Signal.KILL);
      run.monitor()
          .awaitErrorLine("tine run: the program killed by SIGKILL after .*, before it was warm");
      run.expectExit(1);
    }
  }

  @Test
  void shouldWarmAProgramThatIsStoppedForAMoment() throws IOException {
    try (RunJvm run = RunJvm.plain(List.of("--workers", "1", "--warmup-seconds", "2"))) {
      run.monitor().awaitErrorLine("tine: ready gen=1 .*");
      long program = run.child("java");
      Kill.process(program, STOP);
      awaitStopped(run);
      Kill.process(program, new Signal(18));
      long worker = run.awaitWorker(0);
      assertThat(RunJvm.pidIn(run.get("/"))).isEqualTo(worker);
      run.stop();
    }
  }

  /** What was to be its mold must not be left over. */
  @Test
  void shouldLeaveNothingWhenTheProgramIsKilledWhileItIsFrozen() {
    try (RunJvm run = faulty(DESCRIPTORS, STOPPED, 0)) {
      run.monitor().awaitErrorLine("tine: ready gen=1 .*");
      awaitStopped(run);
      long program =
          Proc.children(run.monitor().pid()).stream()
              .filter(pid -> Proc.state(pid) != 'T')
              .findFirst()
              .orElseThrow();
      Kill.process(program, Signal.KILL);
      run.monitor()
          .awaitErrorLine("tine run: the program killed by SIGKILL .* before it was frozen");
      run.expectExit(1);
    }
  }

  /** Its order is not lost: the mold of the next generation carries it out. */
  @Test
  void shouldReplaceAMoldThatIsKilledWithAnOrderThatIsNotAnswered() throws IOException {
    try (RunJvm run = RunJvm.plain(List.of("--workers", "2", "--warmup-requests", "0"))) {
      List<Long> pids = run.awaitWorkers(2);
      long mold = run.child("tine: mold");
      Kill.process(mold, STOP);
      Kill.process(pids.getFirst(), Signal.KILL);
      run.monitor().awaitErrorLine("tine: worker-exit id=0 .*");
      Kill.process(mold, Signal.KILL);
      run.monitor().awaitErrorLine("tine: mold-exit gen=1 .*SIGKILL.* serving=1");
      assertThat(run.answersOf(1)).containsOnlyKeys(pids.get(1));
      run.monitor().awaitErrorLine("tine: worker id=0 pid=[0-9]+ gen=2");
      assertThat(run.answersOf(2).keySet()).contains(pids.get(1));
      run.stop();
    }
  }
}
