package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A small server under {@code tine run}: what it does in order, and what comes of misbehaviour. */
@Timeout(120)
class RunTest {
  private static final List<String> THREE = List.of("--workers", "3", "--warmup-requests", "20");
  private static final List<String> ONE = List.of("--workers", "1", "--warmup-requests", "5");

  /** Not the pid that the compilers of the program saw when they were warmed. */
  @Test
  void shouldTellCompiledCodeThePidOfItsWorker() throws IOException {
    List<String> often =
        List.of("--workers", "2", "--warmup-requests", "5", "--warmup-path", "/often");
    try (RunJvm run = RunJvm.plain(often)) {
      List<Long> workers = run.awaitWorkers(2);
      Set<Long> answers = new HashSet<>();
      for (int i = 0; i < 20; i++) {
        answers.add(RunJvm.pidIn(run.get("/often")));
      }
      assertThat(workers).containsAll(answers);
      run.stop();
    }
  }

  @Test
  void shouldServeFromAllWorkersOnThePortThatTheProgramAskedFor() throws IOException {
    try (RunJvm run = RunJvm.plain(THREE)) {
      List<Long> pids = run.awaitWorkers(3);
      assertThat(run.answersOf(3).keySet()).containsExactlyInAnyOrderElementsOf(pids);
      Set<String> numbers = new HashSet<>();
      for (int i = 0; i < 200; i++) {
        assertThat(numbers.add(run.get("/").replaceFirst(".* ", ""))).isTrue();
      }
      assertThat(pids)
          .allSatisfy(pid -> assertThat(Proc.parent(pid)).isEqualTo(run.monitor().pid()));
      assertThat(Proc.title(pids.get(1))).isEqualTo("tine: worker test id=1 gen=1");
      run.stop();
    }
  }

  /**
   * The collection before the freeze arms a barrier in all of it, which the first call in each
   * worker would disarm by writing to it.
   */
  @Test
  void shouldShareTheCompiledCodeThatAWorkerRuns() throws IOException {
    List<String> warm = List.of("--workers", "1", "--warmup-requests", "2000");
    try (RunJvm run = RunJvm.plain(warm)) {
      long worker = run.awaitWorker(0);
      run.get("/");
      Proc.Code code = Proc.code(worker);
      assertThat(code.own()).isLessThan(code.resident() / 10);
      run.stop();
    }
  }

  @Test
  void shouldReplaceAWorkerThatIsKilled() throws IOException {
    try (RunJvm run = RunJvm.plain(THREE)) {
      List<Long> pids = new ArrayList<>(run.awaitWorkers(3));
      for (int id = 0; id < 3; id++) {
        long old = pids.get(id);
        Kill.process(old, Signal.KILL);
        run.monitor().awaitErrorLine(".*worker-exit id=" + id + " pid=" + old + " .*SIGKILL\"");
        pids.set(id, run.awaitWorker(id));
      }
      assertThat(run.answersOf(3).keySet()).containsExactlyInAnyOrderElementsOf(pids);
      run.stop();
    }
  }

  @Test
  void shouldSurviveTheDeathOfItsMold() throws IOException {
    try (RunJvm run = RunJvm.plain(THREE)) {
      List<Long> pids = run.awaitWorkers(3);
      long mold =
          Proc.children(run.monitor().pid()).stream()
              .filter(pid -> Proc.title(pid).startsWith("tine: mold"))
              .findFirst()
              .orElseThrow();
      Kill.process(mold, Signal.KILL);
      run.monitor().awaitErrorLine(".*mold-exit gen=1 .* serving=3");
      assertThat(run.answersOf(3).keySet()).containsExactlyInAnyOrderElementsOf(pids);
      run.monitor().awaitErrorLine("tine: frozen gen=2 .*");
      Kill.process(pids.getFirst(), Signal.KILL);
      run.monitor().awaitErrorLine("tine: worker id=0 pid=[0-9]+ gen=2");
      run.answersOf(3);
      run.stop();
    }
  }

  @Test
  void shouldLeaveNothingWhenTheMonitorIsKilled() {
    try (RunJvm run = RunJvm.plain(THREE)) {
      List<Long> pids = run.awaitWorkers(3);
      Kill.process(run.monitor().pid(), Signal.KILL);
      await()
          .atMost(TestJvm.LIMIT)
          .until(() -> pids.stream().allMatch(pid -> Proc.state(pid) == '-'));
      assertThat(run.monitor().exitCode()).isEqualTo(128 + 9);
    }
  }

  @Test
  void shouldAnswerItsCommands() throws IOException {
    try (RunJvm run = RunJvm.plain(THREE)) {
      List<Long> pids = run.awaitWorkers(3);
      assertThat(run.tine(0, "status"))
          .contains("test  3 workers  listening at 127.0.0.1:" + run.port())
          .contains("monitor", "mold", pids.get(2).toString());
      assertThat(run.tine(0, "status", "test", "--json"))
          .startsWith("{\"version\":1,\"ok\":true,\"name\":\"test\",\"workers\":3");

      run.tine(0, "restart", "1");
      run.awaitWorker(1);
      run.monitor().awaitErrorLine(".*worker-exit id=1 pid=" + pids.get(1) + " .*");
      run.tine(0, "scale", "4");
      run.awaitWorker(3);
      run.answersOf(4);
      run.tine(0, "scale", "1");
      for (int id = 1; id < 4; id++) {
        run.monitor().awaitErrorLine(".*worker-exit id=" + id + " .*status 143\"");
      }
      assertThat(run.answersOf(1)).containsOnlyKeys(pids.getFirst());
      assertThat(run.tine(0, "dump", "0")).contains("Full thread dump", "tine-control");
      assertThat(run.tine(0, "logs")).contains("tine: scale from=4 to=1");

      assertThat(run.tine(1, "restart", "7")).contains("there is no worker 7");
      assertThat(run.tine(1, "status", "other")).contains("no monitor answers at", "other");
      assertThat(run.tine(1, "scale", "0")).contains("count must be a number from 1 to 1024");
      run.tine(0, "stop");
      run.expectExit(0);
    }
  }

  @Test
  void shouldObeySignals() {
    try (RunJvm run = RunJvm.plain(ONE)) {
      run.awaitWorker(0);
      Kill.process(run.monitor().pid(), new Signal(21)); // SIGTTIN
      run.awaitWorker(1);
      Kill.process(run.monitor().pid(), new Signal(22)); // SIGTTOU
      run.monitor().awaitErrorLine(".*worker-exit id=1 .*");
      Kill.process(run.monitor().pid(), Signal.WINCH);
      Kill.process(run.monitor().pid(), Signal.HUP);
      run.monitor().awaitErrorLine("tine: reload-done gen=2 .*");
      Kill.process(run.monitor().pid(), Signal.INT);
      run.expectExit(128 + 2);
    }
  }

  @Test
  void shouldNotTearLinesOfWorkers() throws IOException {
    try (RunJvm run = RunJvm.plain(THREE)) {
      run.awaitWorkers(3);
      for (int i = 0; i < 300; i++) {
        run.get("/print?" + i);
      }
      for (int i = 0; i < 300; i++) {
        run.monitor().awaitLine("[012] \\| printed " + i);
      }
      run.stop();
      Pattern whole = Pattern.compile("(boot|[012]) \\| .*");
      assertThat(run.monitor().lines()).allMatch(line -> whole.matcher(line).matches());
    }
  }

  @Test
  void shouldBackOffAWorkerThatDiesEarly() throws IOException {
    try (RunJvm run = RunJvm.plain(ONE)) {
      run.awaitWorker(0);
      for (int i = 0; i < 3; i++) {
        try {
          run.get("/exit");
        } catch (IOException e) {
          // as it should
        }
        run.awaitWorker(0);
      }
      assertThat(run.monitor().errorLines())
          .anyMatch(line -> line.matches(".*worker-backoff id=0 age=.* delay=0.1s.*"));
      run.stop();
    }
  }

  @Test
  void shouldGiveUpAfterTooManyRestarts() throws IOException {
    List<String> options = new ArrayList<>(ONE);
    options.addAll(List.of("--max-restarts", "1"));
    try (RunJvm run = RunJvm.plain(options)) {
      Kill.process(run.awaitWorker(0), Signal.KILL);
      Kill.process(run.awaitWorker(0), Signal.KILL);
      run.monitor().awaitErrorLine("tine run: 1 restarts, giving up \\(--max-restarts\\)");
      run.expectExit(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "exit-3, exited with status 3 after .* before it listened at a port",
    "exit-0, exited with status 0 after .* before it listened at a port",
    "throws, exited with status 1 after .* before it listened at a port",
    "never-listens, it did not listen at any port within 12 s: it boots still",
    "listens-twice, exited with status 7 after .* before it listened at a port",
    "crashes-when-asked, exited with status 9 after .* before it was ready",
    "answers-500, it was not ready within 12 s: GET / .answers 500."
  })
  void shouldTellWhatIsWrongWithTheProgram(String misbehaviour, String reason) {
    List<String> options = List.of("--workers", "2", "--ready-path", "/", "--ready-timeout", "12s");
    try (RunJvm run = RunJvm.plain(options, misbehaviour)) {
      run.monitor().awaitErrorLine("tine run: .*" + reason + ".*");
      run.monitor().awaitErrorLine(" *hello, this is the program");
      run.expectExit(1);
    }
  }

  @Test
  void shouldNotTakeALookAtAPortForAServer() throws IOException {
    try (RunJvm run = RunJvm.plain(ONE, "looks-first")) {
      run.awaitWorker(0);
      run.answersOf(1);
      run.stop();
    }
  }

  @Test
  void shouldTellTheProgramThatItsPortIsTaken() throws IOException {
    int port = RunJvm.freePort();
    try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      List<String> command = new ArrayList<>(RunJvm.javaCommand());
      command.add("dev.tine.systemtests.programs.PlainServer");
      command.add(Integer.toString(port));
      try (RunJvm run = RunJvm.start(ONE, command, port)) {
        run.monitor().awaitErrorLine(".*java.net.BindException: Address already in use.*");
        run.expectExit(1);
      }
    }
  }

  @Test
  void shouldTellHowToWriteAWrapperScript() {
    String java = String.join(" ", RunJvm.javaCommand());
    int port = RunJvm.freePort();
    String program = java + " dev.tine.systemtests.programs.PlainServer " + port;
    try (RunJvm run = RunJvm.start(ONE, List.of("sh", "-c", program + "; true"), port)) {
      run.monitor().awaitErrorLine("tine run: the JVM .* is a child of the command.*'exec java.*");
      run.expectExit(1);
    }
    try (RunJvm run =
        RunJvm.start(ONE, List.of("sh", "-c", "java -version; exec " + program), port)) {
      run.awaitWorker(0);
      run.stop();
    }
  }

  @Test
  void shouldTellWhatIsNoJvm() {
    List<String> options = List.of("--workers", "1", "--ready-timeout", "1s");
    try (RunJvm run = RunJvm.start(options, List.of("sleep", "100"), 0)) {
      run.monitor().awaitErrorLine("tine run: it did not listen .*: it is no JVM, .*");
      run.expectExit(1);
    }
    try (RunJvm run = RunJvm.start(options, List.of("no-such-command"), 0)) {
      run.monitor().awaitErrorLine("tine run: cannot start no-such-command: .*");
      run.expectExit(1);
    }
  }
}
