package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.LoadClient;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Versioned;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Generations that take over from each other while requests come. */
@Timeout(240)
class RunReloadTest {
  private static final Map<String, String> DEFAULTS =
      Map.of("--workers", "2", "--warmup-requests", "20", "--ready-path", "/", "--probation", "1s");

  @TempDir private Path directory;

  private static RunJvm start(int port, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    DEFAULTS.forEach((option, value) -> {
      if (!all.contains(option)) {
        all.addAll(List.of(option, value));
      }
    });
    return RunJvm.start(all, command(port, "one"), port);
  }

  private static List<String> command(int port, String version, String... misbehaviour) {
    List<String> command = new ArrayList<>(RunJvm.javaCommand());
    command.addAll(List.of(Versioned.class.getName(), Integer.toString(port), version));
    command.addAll(List.of(misbehaviour));
    return command;
  }

  private static String reload(RunJvm run, int code, String version, String... misbehaviour) {
    List<String> words = new ArrayList<>(List.of("reload", "--"));
    words.addAll(command(run.port(), version, misbehaviour));
    return run.tine(code, words.toArray(String[]::new));
  }

  private static long mold(RunJvm run, int generation) {
    return Proc.children(run.monitor().pid()).stream()
        .filter(pid -> Proc.title(pid).equals("tine: mold test gen=" + generation))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldReplaceAllWorkersByThoseOfAnotherCommandAndGoBack() throws IOException {
    try (RunJvm run = start(RunJvm.freePort())) {
      List<Long> first = run.awaitWorkers(2);
      assertThat(run.get("/version")).isEqualTo("one");

      String shown = reload(run, 0, "two");
      assertThat(shown).contains("tine: canary id=0 gen=2", "tine: reload-done gen=2");
      assertThat(run.get("/version")).isEqualTo("two");
      assertThat(run.answersOf(2).keySet()).doesNotContainAnyElementsOf(first);
      assertThat(first).allSatisfy(pid -> assertThat(Proc.state(pid)).isEqualTo('-'));

      // The second mold was made long after the monitor and the first one.
      Instant monitor = since(run, "\"role\":\"monitor\"");
      Instant firstMold = since(run, "\"role\":\"mold\"[^}]*\"generation\":1");
      Instant secondMold = since(run, "\"role\":\"mold\"[^}]*\"generation\":2");
      assertThat(secondMold).isAfter(firstMold.plusMillis(100));
      assertThat(firstMold).isAfter(monitor.plusMillis(100));

      long bootsBefore = boots(run);
      assertThat(run.tine(0, "rollback")).contains("tine: rollback-done gen=1");
      assertThat(run.get("/version")).isEqualTo("one");
      assertThat(boots(run)).isEqualTo(bootsBefore);
      run.stop();
    }
  }

  /** Since when a process is there, by what its part of the status begins with. */
  private static Instant since(RunJvm run, String begin) {
    String status = run.tine(0, "status", "--json");
    Matcher process = Pattern.compile(begin + "[^}]*\"since\":\"([^\"]+)\"").matcher(status);
    assertThat(process.find()).as(status).isTrue();
    return Instant.parse(process.group(1));
  }

  private static long boots(RunJvm run) {
    return run.monitor().errorLines().stream()
        .filter(line -> line.startsWith("tine: booting"))
        .count();
  }

  @Test
  void shouldKeepNoFormerGenerationIfNotAskedTo() {
    try (RunJvm run = start(RunJvm.freePort(), "--keep-molds", "0")) {
      run.awaitWorkers(2);
      long mold = mold(run, 1);
      reload(run, 0, "two");
      await().atMost(TestJvm.LIMIT).until(() -> Proc.state(mold) == '-');
      assertThat(run.tine(1, "rollback")).contains("there is no former generation");
      run.stop();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "exits, the program exited with status 4",
    "dies, its process exited with status 9",
    "errs, not ready within 12 s: GET /: answers 503",
    "hangs, not ready within 12 s: GET /: Read timed out"
  })
  void shouldThrowAwayAGenerationThatIsNoGood(String misbehaviour, String reason)
      throws IOException {
    try (RunJvm run = start(RunJvm.freePort(), "--ready-timeout", "12s")) {
      List<Long> first = run.awaitWorkers(2);
      assertThat(reload(run, 1, "two", misbehaviour)).contains("reload-failed", reason);
      assertThat(run.answersOf(2).keySet()).containsExactlyInAnyOrderElementsOf(first);
      await()
          .atMost(TestJvm.LIMIT)
          .untilAsserted(
              () -> assertThat(Proc.children(run.monitor().pid())).hasSize(3)); // and a mold
      // The command is still the one that serves.
      Kill.process(run.monitor().pid(), Signal.HUP);
      run.monitor().awaitErrorLine("tine: reload-done .*");
      assertThat(run.get("/version")).isEqualTo("one");
      run.stop();
    }
  }

  @Test
  void shouldRefuseASecondChangeMeanwhile() throws Exception {
    try (RunJvm run = start(RunJvm.freePort(), "--probation", "6s")) {
      run.awaitWorkers(2);
      var first = CompletableFuture.supplyAsync(() -> reload(run, 0, "two"));
      run.monitor().awaitErrorLine("tine: canary id=0 gen=2 .*");
      assertThat(run.tine(1, "reload")).contains("a reload is under way");
      assertThat(run.tine(1, "refork")).contains("a reload is under way");
      assertThat(run.tine(1, "restart", "1")).contains("is about to be replaced");
      assertThat(first.get()).contains("reload-done");
      run.stop();
    }
  }

  @Test
  void shouldGiveUpAReloadWhoseCallerIsInterrupted() throws Exception {
    try (RunJvm run = start(RunJvm.freePort(), "--probation", "60s")) {
      List<Long> first = run.awaitWorkers(2);
      var caller = CompletableFuture.supplyAsync(() -> run.tine(143, "reload", "--name", "test"));
      run.monitor().awaitErrorLine("tine: candidate id=0 .* gen=2");
      long pid =
          ProcessHandle.current()
              .children()
              .filter(child -> Proc.title(child.pid()).contains("reload"))
              .findFirst()
              .orElseThrow()
              .pid();
      Kill.process(pid, Signal.TERM);
      run.monitor().awaitErrorLine("tine: reload-failed .*interrupted.*");
      caller.get();
      assertThat(run.answersOf(2).keySet()).containsExactlyInAnyOrderElementsOf(first);
      run.stop();
    }
  }

  @Test
  void shouldThrowAwayAGenerationWhoseMoldIsKilled() throws IOException {
    try (RunJvm run = start(RunJvm.freePort(), "--probation", "60s")) {
      List<Long> first = run.awaitWorkers(2);
      Kill.process(run.monitor().pid(), Signal.HUP);
      run.monitor().awaitErrorLine("tine: candidate id=0 .* gen=2");
      Kill.process(mold(run, 2), Signal.KILL);
      run.monitor().awaitErrorLine("tine: reload-failed reason=\"its mold killed by SIGKILL\".*");
      assertThat(run.answersOf(2).keySet()).containsExactlyInAnyOrderElementsOf(first);
      run.stop();
    }
  }

  @Test
  void shouldServeOnWhenThePredecessorIsKilledMeanwhile() throws IOException {
    try (RunJvm run = start(RunJvm.freePort(), "--probation", "3s")) {
      List<Long> first = run.awaitWorkers(2);
      Kill.process(run.monitor().pid(), Signal.HUP);
      run.monitor().awaitErrorLine("tine: candidate id=0 .* gen=2");
      Kill.process(first.getFirst(), Signal.KILL);
      run.monitor().awaitErrorLine("tine: worker id=0 pid=[0-9]+ gen=1");
      run.monitor().awaitErrorLine("tine: reload-done gen=2 .*");
      run.answersOf(2);
      run.stop();
    }
  }

  @Test
  void shouldLeaveNothingWhenTheMonitorIsKilledWhileItReloads() {
    try (RunJvm run = start(RunJvm.freePort(), "--probation", "60s")) {
      run.awaitWorkers(2);
      Kill.process(run.monitor().pid(), Signal.HUP);
      run.monitor().awaitErrorLine("tine: candidate id=0 .* gen=2");
      List<Long> all = Proc.children(run.monitor().pid());
      assertThat(all).hasSize(5);
      Kill.process(run.monitor().pid(), Signal.KILL);
      await()
          .atMost(TestJvm.LIMIT)
          .until(() -> all.stream().allMatch(pid -> Proc.state(pid) == '-'));
    }
  }

  @Test
  void shouldStopWhileItReloads() {
    try (RunJvm run = start(RunJvm.freePort(), "--probation", "60s")) {
      run.awaitWorkers(2);
      Kill.process(run.monitor().pid(), Signal.HUP);
      run.monitor().awaitErrorLine("tine: candidate id=0 .* gen=2");
      run.stop();
    }
  }

  @Test
  void shouldMakeAMoldOfAWorkerThatHasServed() throws IOException {
    try (RunJvm run = start(RunJvm.freePort())) {
      List<Long> first = run.awaitWorkers(2);
      assertThat(run.tine(0, "refork")).contains("tine: refork-done gen=2");
      assertThat(boots(run)).isEqualTo(1);
      assertThat(run.answersOf(2).keySet()).doesNotContainAnyElementsOf(first);
      // And once more, from a worker of a worker.
      assertThat(run.tine(0, "refork")).contains("tine: refork-done gen=3");
      run.answersOf(2);
      assertThat(run.tine(0, "rollback")).contains("tine: rollback-done gen=2");
      run.answersOf(2);
      run.stop();
    }
  }

  @ParameterizedTest
  @CsvSource({"restart 0", "scale 1", "stop"})
  void shouldFinishARequestBeforeAWorkerEnds(String change) throws Exception {
    List<String> options = List.of("--workers", "2", "--warmup-requests", "5");
    int port = RunJvm.freePort();
    try (RunJvm run = RunJvm.start(options, command(port, "one"), port)) {
      List<Long> pids = run.awaitWorkers(2);
      Path file = directory.resolve(change.replace(' ', '-'));
      // One in each worker, whoever takes them.
      var held = List.of(hold(run, file), hold(run, file), hold(run, file), hold(run, file));
      for (int i = 0; i < held.size(); i++) {
        run.monitor().awaitLine("[01] \\| holding a request");
      }
      var asked = CompletableFuture.supplyAsync(() -> run.tine(0, change.split(" ")));
      run.monitor().awaitErrorLine("tine: draining id=[01] .*");
      // Nobody has ended, because requests are open; new ones are served by whoever stays.
      if (!change.equals("stop")) {
        assertThat(run.get("/version")).isEqualTo("one");
      }
      assertThat(pids).allSatisfy(pid -> assertThat(Proc.state(pid)).isNotEqualTo('-'));
      Files.createFile(file);
      for (var answer : held) {
        assertThat(answer.get()).startsWith("pid ");
      }
      asked.get();
      run.monitor().awaitErrorLine("tine: worker-exit id=[01] .*");
      if (change.equals("stop")) {
        run.expectExit(0);
      } else {
        run.stop();
      }
    }
  }

  private static CompletableFuture<String> hold(RunJvm run, Path file) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return run.get("/held?" + file);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        },
        task -> Thread.ofPlatform().daemon().start(task));
  }

  @Test
  void shouldKillAWorkerThatDoesNotFinishAndSayWhatHeldIt() {
    List<String> options =
        List.of("--workers", "1", "--warmup-requests", "5", "--drain-timeout", "4s");
    int port = RunJvm.freePort();
    try (RunJvm run = RunJvm.start(options, command(port, "one", "lingers"), port)) {
      run.awaitWorkers(1);
      var _ = hold(run, directory.resolve("never"));
      run.monitor().awaitLine("0 \\| holding a request");
      run.tine(0, "restart", "0");
      run.monitor().awaitErrorLine("tine: drain-overdue id=0 .* connections=1");
      run.monitor().awaitErrorLine("tine: drain-timeout id=0 .* connections=1");
      run.monitor().awaitErrorLine("tine:   127.0.0.1:[0-9]+, with an open request");
      run.monitor().awaitErrorLine("tine: worker-exit id=0 .* status=\"killed by SIGKILL\"");
      Kill.process(run.monitor().pid(), Signal.INT);
      run.monitor().awaitErrorLine("tine: stopping .*");
      Kill.process(run.monitor().pid(), Signal.INT); // its successor lingers too
      run.expectExit(130);
    }
  }

  @Test
  void shouldReplaceWorkersThatHaveBecomeOldOrLarge() {
    try (RunJvm run = start(RunJvm.freePort(), "--max-age", "3s")) {
      run.awaitWorkers(2);
      for (int i = 0; i < 4; i++) {
        run.monitor().awaitErrorLine("tine: recycle id=[01] pid=[0-9]+ reason=max-age");
      }
      run.stop();
    }
    try (RunJvm run = start(RunJvm.freePort(), "--max-pss", "1")) {
      run.awaitWorkers(2);
      run.monitor().awaitErrorLine("tine: recycle id=[01] pid=[0-9]+ reason=max-pss");
      run.stop();
    }
  }

  @Test
  void shouldLoseNoRequest() throws Exception {
    try (RunJvm run = start(RunJvm.freePort(), "--probation", "500ms")) {
      run.awaitWorkers(2);
      LoadClient load = LoadClient.start(run.port(), LoadClient.Connections.ONE_A_REQUEST, 2);
      var kept = new Kept(run.port());
      try (load;
          kept) {
        reload(run, 0, "two");
        run.tine(0, "restart", "1");
        run.tine(0, "scale", "4");
        run.tine(0, "refork");
        run.tine(0, "scale", "1");
        run.tine(0, "rollback");
        run.tine(0, "scale", "2");
        reload(run, 0, "three");
      }
      assertThat(load.failures()).isEmpty();
      assertThat(load.answers()).isGreaterThan(100);
      assertThat(kept.failures).isEmpty();
      assertThat(kept.answers.get()).isGreaterThan(100);
      run.stop();
    }
  }

  /** Requests by the JDK's client, which keeps its connections and asks again where it may. */
  private static final class Kept implements AutoCloseable {
    private final List<Exception> failures = new ArrayList<>();
    private final AtomicLong answers = new AtomicLong();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final Thread thread;

    Kept(int port) {
      URI uri = URI.create("http://127.0.0.1:" + port + "/version");
      thread =
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                try (HttpClient client =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
                  while (!stopping.get()) {
                    ask(client, HttpRequest.newBuilder(uri).build());
                  }
                }
              });
    }

    private void ask(HttpClient client, HttpRequest request) {
      try {
        int status = client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
        if (status != 200) {
          throw new IOException("status " + status);
        }
        answers.incrementAndGet();
      } catch (IOException | InterruptedException e) {
        failures.add(e);
      }
    }

    @Override
    public void close() {
      stopping.set(true);
      try {
        assertThat(thread.join(TestJvm.LIMIT)).isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError("the deadline of the test has passed", e);
      }
    }
  }
}
