package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.StuckServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers that live and do not serve, under {@code tine run}: told apart, reported, replaced. */
@Timeout(120)
class RunStuckTest {
  private static RunJvm start(List<String> options, String... javaOptions) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--workers",
                "1",
                "--warmup-requests",
                "5",
                "--liveness-interval",
                "250ms",
                "--liveness-timeout",
                "4s",
                "--stop-timeout",
                "3s"));
    all.addAll(options);
    int port = RunJvm.freePort();
    List<String> command = new ArrayList<>(RunJvm.javaCommand());
    command.addAll(1, List.of(javaOptions));
    if (javaOptions.length > 0) {
      command.remove("-XX:TieredStopAtLevel=1");
    }
    command.add(StuckServer.class.getName());
    command.add(Integer.toString(port));
    return RunJvm.start(all, command, port);
  }

  /** What is in the report that the next event of a stuck worker names. */
  private static String awaitReport(RunJvm run, long pid, String kind, String action)
      throws IOException {
    MatchResult event =
        run.monitor()
            .awaitErrorLine(
                "tine: worker-stuck id=0 pid="
                    + pid
                    + " gen=1 kind="
                    + kind
                    + " action="
                    + action
                    + " silent=[0-9.]+s evidence=(\\S+)");
    Path file = Path.of(event.group(1));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    String report = Files.readString(file);
    assertThat(report)
        .contains("kind=" + kind, "--- process\nState: ", "--- threads", "--- thread dump\n")
        .doesNotContain("TINE_TEST_MARK");
    return report;
  }

  private static void awaitSuccessor(RunJvm run, long pid) throws IOException {
    run.monitor().awaitErrorLine("tine: worker-exit id=0 pid=" + pid + " .*");
    long successor = run.awaitWorker(0);
    assertThat(RunJvm.pidIn(run.get("/"))).isEqualTo(successor);
    run.stop();
  }

  @Test
  void shouldReplaceAWorkerThatIsStopped() throws IOException {
    try (RunJvm run = start(List.of())) {
      long pid = run.awaitWorker(0);
      Kill.process(pid, Signal.STOP);
      assertThat(awaitReport(run, pid, "stopped", "replace"))
          .contains("State: T (stopped)", "none: it is stopped", "HTTP-Dispatcher");
      run.monitor().awaitErrorLine("tine: worker-signal id=0 pid=" + pid + " .* signal=SIGTERM");
      awaitSuccessor(run, pid);
    }
  }

  @Test
  void shouldReplaceAWorkerWhoseRequestsAreInADeadlock() throws IOException {
    try (RunJvm run = start(List.of("--on-deadlock", "replace"))) {
      long pid = run.awaitWorker(0);
      run.get("/deadlock");
      assertThat(awaitReport(run, pid, "deadlocked", "replace"))
          .contains(
              " threads in a deadlock, and ",
              "request-1",
              "request-4",
              "Found one Java-level deadlock:");
      awaitSuccessor(run, pid);
    }
  }

  @Test
  void shouldReplaceAWorkerWithARequestBeyondItsDeadline() throws IOException {
    try (RunJvm run = start(List.of())) {
      long pid = run.awaitWorker(0);
      assertThat(RunJvm.pidIn(run.get("/"))).isEqualTo(pid);
      run.get("/overdue");
      assertThat(awaitReport(run, pid, "overdue", "replace"))
          .contains(
              "the request \"GET /overdue\" of thread \"request-",
              "was to be done within 0.3 s",
              "it is at jdk.internal.misc.Unsafe.park",
              "StuckServer.overdue");
      run.monitor().awaitErrorLine("tine: worker-signal id=0 pid=" + pid + " .* signal=SIGTERM");
      awaitSuccessor(run, pid);
    }
  }

  @Test
  void shouldRecycleAWorkerThatHasBegunManyRequests() throws IOException {
    try (RunJvm run = start(List.of("--max-requests", "20"))) {
      long pid = run.awaitWorker(0);
      for (int i = 0; i < 30; i++) {
        run.get("/");
      }
      run.monitor().awaitErrorLine("tine: recycle id=0 pid=" + pid + " reason=max-requests");
      awaitSuccessor(run, pid);
    }
  }

  @Test
  void shouldReplaceAWorkerThatOnlyCollects() throws IOException {
    try (RunJvm run = start(List.of("--on-gc-spiral", "replace"))) {
      long pid = run.awaitWorker(0);
      run.get("/spiral");
      assertThat(awaitReport(run, pid, "gc-spiral", "replace"))
          .contains("collect garbage", "waste-");
      awaitSuccessor(run, pid);
    }
  }

  @Test
  void shouldReportAThreadThatComputesForEver() throws IOException {
    try (RunJvm run = start(List.of("--on-deadlock", "replace", "--on-gc-spiral", "replace"))) {
      long pid = run.awaitWorker(0);
      run.get("/loop");
      assertThat(awaitReport(run, pid, "busy-loop", "report"))
          .contains("busiest thread: \"for-ever\"", "\"for-ever\"", "StuckServer.loop");
      assertThat(RunJvm.pidIn(run.get("/"))).isEqualTo(pid);
      run.stop();
    }
  }

  @Test
  void shouldAbortAWorkerThatReachesNoSafepoint() throws IOException {
    // Without a limit for cores that is not 0, nothing is written.
    try (RunJvm run =
        start(List.of("--cores"), "-XX:-UseCountedLoopSafepoints", "-XX:LoopStripMiningIter=0")) {
      long pid = run.awaitWorker(0);
      run.get("/no-safepoint");
      assertThat(awaitReport(run, pid, "busy-loop", "replace"))
          .contains("busiest thread: \"no-safepoint\"", "none: it does not ");
      run.monitor().awaitErrorLine("tine: worker-signal id=0 pid=" + pid + " .* signal=SIGTERM");
      run.monitor().awaitErrorLine("tine: worker-signal id=0 pid=" + pid + " .* signal=SIGABRT");
      run.monitor()
          .awaitErrorLine("tine: worker-exit id=0 pid=" + pid + " .*\"killed by SIGABRT.*");
      assertThat(RunJvm.pidIn(run.get("/"))).isEqualTo(run.awaitWorker(0));
      run.stop();
    }
  }

  @Test
  void shouldLeaveAloneAWorkerThatIsContinuedInTime() throws IOException {
    try (RunJvm run = start(List.of())) {
      long pid = run.awaitWorker(0);
      for (int i = 0; i < 20; i++) {
        Kill.process(pid, Signal.STOP);
        await().atMost(TestJvm.LIMIT).until(() -> Proc.state(pid) == 'T');
        Kill.process(pid, Signal.CONT);
        assertThat(RunJvm.pidIn(run.get("/"))).isEqualTo(pid);
      }
      assertThat(run.monitor().errorLines()).noneMatch(line -> line.contains("worker-stuck"));
      run.stop();
    }
  }
}
