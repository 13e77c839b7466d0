package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.RunJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When {@code tine run} restarts a worker no more, and what it does then. */
@Timeout(120)
class RunRestartsTest {
  private static RunJvm start(String... options) {
    List<String> all = new ArrayList<>(List.of("--workers", "2", "--warmup-requests", "5"));
    all.addAll(List.of(options));
    return RunJvm.plain(all);
  }

  private static void askToExit(RunJvm run, int code) {
    try {
      run.get("/exit?" + code);
      throw new AssertionError("it has answered" + run.monitor().report());
    } catch (IOException e) {
      // it has ended instead
    }
  }

  @Test
  void shouldStopAllAfterAPermanentFailure() {
    try (RunJvm run = start("--permanent-exit", "3,78")) {
      run.awaitWorkers(2);
      askToExit(run, 9);
      run.monitor().awaitErrorLine("tine: worker id=[01] pid=[0-9]+ gen=1");
      askToExit(run, 78);
      run.monitor()
          .awaitErrorLine(
              "tine: worker-given-up id=[01] action=stop-all rule=permanent-exit serving=1"
                  + " reason=\"it exited with status 78\"");
      run.monitor()
          .awaitErrorLine("tine run: it exited with status 78, giving up \\(--permanent-exit\\)");
      run.expectExit(1);
    }
  }

  @Test
  void shouldLeaveOneDownUntilItIsAskedFor() throws IOException {
    try (RunJvm run = start("--restart-limit", "1/1h", "--on-give-up", "stop-id")) {
      List<Long> pids = run.awaitWorkers(2);
      Kill.process(pids.getFirst(), Signal.KILL);
      Kill.process(run.awaitWorker(0), Signal.KILL);
      run.monitor()
          .awaitErrorLine(
              "tine: worker-given-up id=0 action=stop-id rule=restart-limit serving=1"
                  + " reason=\"1 restarts within 3600 s\"");
      assertThat(run.answersOf(1)).containsOnlyKeys(pids.get(1));
      assertThat(run.tine(0, "status", "--json")).contains("\"workers\":2");

      run.tine(0, "restart", "0");
      long again = run.awaitWorker(0);
      assertThat(run.answersOf(2)).containsOnlyKeys(pids.get(1), again);
      run.stop();
    }
  }

  @Test
  void shouldGoOnWithFewerUntilNoneIsLeft() throws IOException {
    try (RunJvm run = start("--restart-limit-all", "0/1h", "--on-give-up", "degrade")) {
      List<Long> pids = run.awaitWorkers(2);
      Kill.process(pids.getFirst(), Signal.KILL);
      run.monitor()
          .awaitErrorLine(
              "tine: worker-given-up id=0 action=degrade rule=restart-limit-all serving=1 .*");
      assertThat(run.answersOf(1)).containsOnlyKeys(pids.get(1));
      assertThat(run.tine(0, "status", "--json")).contains("\"workers\":1");

      Kill.process(pids.get(1), Signal.KILL);
      run.monitor()
          .awaitErrorLine(
              "tine run: 0 restarts within 3600 s, and no worker is left, giving up"
                  + " \\(--restart-limit-all\\)");
      run.expectExit(1);
    }
  }
}
