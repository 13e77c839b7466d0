package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.PlainServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The monitor of {@code tine run} in a container, with a mold that is stuck, and in a hurry. */
@Timeout(180)
class RunHardshipTest {
  private static final Signal STOP = new Signal(19);

  @Test
  void shouldReapOrphansAsTheFirstProcessOfAContainer() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "who can make a container");
    int port = RunJvm.freePort();
    List<String> command = new ArrayList<>(RunJvm.javaCommand());
    command.addAll(List.of(PlainServer.class.getName(), Integer.toString(port)));
    try (RunJvm run =
        RunJvm.start(
            List.of("unshare", "--pid", "--fork", "--mount-proc", "--kill-child"),
            List.of("--workers", "2", "--warmup-requests", "5"),
            command,
            port)) {
      List<Long> inside = run.awaitWorkers(2);
      run.answersOf(2);
      long monitor = Proc.children(run.monitor().pid()).getFirst();
      assertThat(Proc.status(monitor, "NSpid")).endsWith("\t1");

      run.get("/orphan");
      run.get("/orphan");
      await("two orphans").atMost(TestJvm.LIMIT).until(() -> orphans(monitor).size() == 2);
      for (long orphan : orphans(monitor)) {
        Kill.process(orphan, Signal.KILL);
        await("orphan " + orphan + " is reaped")
            .atMost(TestJvm.LIMIT)
            .until(() -> Proc.state(orphan) == '-');
      }
      // What the monitor knows is still its own to reap, and to replace.
      long worker = workers(monitor).getFirst();
      Kill.process(worker, Signal.KILL);
      run.monitor().awaitErrorLine(".*worker-exit id=[01] .*SIGKILL.*");
      await("workers").atMost(TestJvm.LIMIT).until(() -> workers(monitor).size() == 2);
      assertThat(run.answersOf(2).keySet()).containsAnyElementsOf(inside);

      run.get("/orphan");
      Kill.process(monitor, Signal.TERM);
      run.expectExit(0);
    }
  }

  private static List<Long> workers(long monitor) {
    return Proc.children(monitor).stream()
        .filter(pid -> Proc.title(pid).startsWith("tine: worker"))
        .toList();
  }

  private static List<Long> orphans(long monitor) {
    return Proc.children(monitor).stream()
        .filter(pid -> Proc.title(pid).startsWith("sleep"))
        .toList();
  }

  /** Its order is not answered: it is killed after 15 seconds, and another booted. */
  @Test
  void shouldReplaceAMoldThatIsStopped() throws IOException {
    try (RunJvm run = RunJvm.plain(List.of("--workers", "2", "--warmup-requests", "5"))) {
      List<Long> pids = run.awaitWorkers(2);
      long mold =
          Proc.children(run.monitor().pid()).stream()
              .filter(pid -> Proc.title(pid).startsWith("tine: mold"))
              .findFirst()
              .orElseThrow();
      Kill.process(mold, STOP);
      Kill.process(pids.getFirst(), Signal.KILL);
      run.monitor().awaitErrorLine(".*worker-exit id=0 .*");
      assertThat(run.tine(0, "status")).contains(pids.get(1).toString()); // it does not hang
      assertThat(run.answersOf(1)).containsOnlyKeys(pids.get(1));
      run.monitor().awaitErrorLine("tine: mold-exit gen=1 .*SIGKILL.*");
      run.monitor().awaitErrorLine("tine: worker id=0 pid=[0-9]+ gen=2");
      assertThat(run.answersOf(2).keySet()).contains(pids.get(1));
      run.stop();
    }
  }

  @Test
  void shouldKillAllAtTheSecondInterrupt() {
    try (RunJvm run =
        RunJvm.plain(List.of("--workers", "2", "--warmup-requests", "5"), "never-ends")) {
      List<Long> pids = run.awaitWorkers(2);
      Kill.process(run.monitor().pid(), Signal.INT);
      run.monitor().awaitErrorLine("tine: stopping name=test signal=SIGINT");
      assertThat(pids).allSatisfy(pid -> assertThat(Proc.state(pid)).isNotEqualTo('-'));
      Kill.process(run.monitor().pid(), Signal.INT);
      run.monitor().awaitErrorLine("tine: worker-kill id=0 .*");
      run.expectExit(128 + 2);
    }
  }
}
