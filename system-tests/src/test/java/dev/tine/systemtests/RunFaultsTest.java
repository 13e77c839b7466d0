package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.FaultyServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A program under {@code tine run} that cannot be frozen, or whose workers cannot become whole. */
@Timeout(120)
class RunFaultsTest {
  private static final int EIO = 5;
  private static final int EAGAIN = 11;
  private static final int ENOMEM = 12;
  private static final int SURVEY = 4;
  private static final int CLONE = 5;
  private static final int DESCRIPTORS = 7;
  private static final int THREADS = 9;
  private static final int VERDICT = 10;

  /** TINE_FAULT_REPAIR of fault.h. */
  private static final int REPAIR = 200;

  /** TINE_FAULT_CLONED and TINE_FAULT_HEARD of fault.h. */
  private static final int CLONED = 103;

  private static final int HEARD = 104;

  private static final int KILLED = -9;
  private static final int STOPPED = -19;

  @ParameterizedTest
  @CsvSource({
    SURVEY + "," + EIO,
    CLONE + "," + EAGAIN,
    CLONE + "," + ENOMEM,
    DESCRIPTORS + "," + EIO,
    DESCRIPTORS + "," + KILLED,
    VERDICT + "," + EIO
  })
  void shouldTellWhyItCannotBeFrozen(int stage, int error) {
    try (RunJvm run = start(stage, error)) {
      run.monitor().awaitErrorLine("tine run: it cannot be frozen: .*");
      run.expectExit(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    THREADS + "," + EIO + ",THREADS,Input/output error.*",
    REPAIR + "," + EIO + ",REPAIR,.*Input/output error.*",
    REPAIR + "," + KILLED + ",REPAIR,.*",
    (REPAIR + 3) + "," + EIO + ",REPAIR,.*"
  })
  void shouldTryAgainWhenAWorkerCannotBecomeWhole(
      int stage, int error, String told, String reason) {
    try (RunJvm run = start(stage, error)) {
      for (int i = 0; i < 2; i++) {
        run.monitor()
            .awaitErrorLine(
                "tine: fork-failed id=0 stage=" + told + " retry=1.0s reason=\"?" + reason);
      }
      run.stop();
    }
  }

  /** The mold is there, and the kernel has no process for it, once. */
  @ParameterizedTest
  @CsvSource({EAGAIN + ",Resource temporarily unavailable", ENOMEM + ",Cannot allocate memory"})
  void shouldTryAgainWhenAForkIsRefused(int error, String reason) throws IOException {
    try (RunJvm run = start(CLONE, error, 1)) {
      run.monitor()
          .awaitErrorLine(
              "tine: fork-failed id=0 stage=CLONE retry=1.0s reason=\"" + reason + ".*");
      assertThat(RunJvm.pidIn(run.get("/"))).isEqualTo(run.awaitWorker(0));
      run.stop();
    }
  }

  /** It is killed when the monitor has no patience any more. */
  @Test
  void shouldNotWaitForAWorkerThatIsStuck() {
    try (RunJvm run = start(REPAIR, STOPPED)) {
      run.monitor().awaitErrorLine("tine: frozen .*");
      run.monitor().awaitErrorLine("tine: fork-failed id=0 stage=REPAIR .*");
      run.stop();
    }
  }

  /** A mold that dies between a clone and its answer leaves one, which could serve. */
  @ParameterizedTest
  @ValueSource(ints = {CLONED, HEARD})
  void shouldLeaveNoWorkerThatNobodyKnows(int stage) {
    try (RunJvm run = start(stage, KILLED, 1)) {
      Kill.process(run.awaitWorker(0), Signal.KILL);
      run.monitor().awaitErrorLine("tine: mold-exit gen=1 .*");
      long known = run.awaitWorker(0);
      await()
          .atMost(TestJvm.LIMIT)
          .until(() ->
              Proc.children(run.monitor().pid()).stream()
                  .filter(pid -> Proc.title(pid).startsWith("tine: worker"))
                  .toList()
                  .equals(List.of(known)));
      run.stop();
    }
  }

  private static RunJvm start(int stage, int error) {
    // Repairs are rehearsed in the program itself, once.
    return start(stage, error, stage >= REPAIR ? 1 : 0);
  }

  private static RunJvm start(int stage, int error, int skip) {
    int port = RunJvm.freePort();
    List<String> command = new ArrayList<>(RunJvm.javaCommand());
    command.addAll(
        List.of(
            FaultyServer.class.getName(),
            Integer.toString(stage),
            Integer.toString(error),
            Integer.toString(skip),
            Integer.toString(port)));
    return RunJvm.startWithFaults(
        List.of("--workers", "1", "--warmup-requests", "5"), command, port);
  }
}
