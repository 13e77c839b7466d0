package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.HttpConnection;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What others see of a running {@code tine run}: metrics, health, the status page and hooks. */
@Timeout(180)
class RunHttpTest {
  private static final List<String> TWO =
      List.of("--workers", "2", "--warmup-requests", "5", "--ready-path", "/", "--probation", "0s");

  @Test
  void shouldCountRestartsAcrossWorkersAndGenerations() throws IOException {
    try (RunJvm run = RunJvm.plain(with(TWO, "--http", "127.0.0.1:0"))) {
      int http = httpPort(run);
      List<Long> pids = run.awaitWorkers(2);
      run.monitor().awaitErrorLine("tine: serving workers=2");
      String first = metrics(http);
      assertThat(value(first, "tine_workers\\{state=\"serving\"}")).isEqualTo(2);
      assertThat(value(first, "tine_generation")).isEqualTo(1);
      assertThat(value(first, "tine_fork_seconds_count")).isEqualTo(2);
      assertThat(value(first, "tine_boot_seconds_count")).isEqualTo(1);
      assertThat(value(first, "tine_accept_queue\\{port=\"" + run.port() + "\"}")).isZero();
      assertThat(value(first, "tine_accept_queue_limit\\{port=\"" + run.port() + "\"}"))
          .isPositive();
      double pss =
          value(first, "tine_memory_pss_bytes\\{role=\"worker\",id=\"0\",generation=\"1\"}");
      double uss =
          value(first, "tine_memory_uss_bytes\\{role=\"worker\",id=\"0\",generation=\"1\"}");
      double shared =
          value(first, "tine_memory_shared_bytes\\{role=\"worker\",id=\"0\",generation=\"1\"}");
      assertThat(uss).isBetween(1.0, pss);
      assertThat(shared).isPositive();

      Kill.process(pids.getFirst(), Signal.KILL);
      run.awaitWorker(0);
      run.tine(0, "reload");
      String second = metrics(http);
      assertThat(value(second, "tine_generation")).isEqualTo(2);
      assertThat(value(second, "tine_worker_restarts_total\\{id=\"0\",cause=\"SIGKILL\"}"))
          .isEqualTo(1);
      for (int id = 0; id < 2; id++) {
        String reload = "tine_worker_restarts_total\\{id=\"%d\",cause=\"reload\"}".formatted(id);
        assertThat(value(second, reload)).isEqualTo(1);
        String generation = "tine_worker_generation\\{id=\"%d\"}".formatted(id);
        assertThat(value(second, generation)).isEqualTo(2);
      }
      assertThat(value(second, "tine_changes_total\\{kind=\"reload\",result=\"done\"}"))
          .isEqualTo(1);
      assertThat(value(second, "tine_gap_seconds_count")).isEqualTo(1);
      assertThat(value(second, "tine_handover_seconds_count")).isEqualTo(2);
      assertThat(value(second, "tine_fork_seconds_count")).isEqualTo(5);
      for (int id = 0; id < 2; id++) {
        String cpu = "tine_worker_cpu_seconds_total\\{id=\"%d\"}".formatted(id);
        assertThat(value(second, cpu)).isGreaterThanOrEqualTo(value(first, cpu));
      }
      run.stop();
    }
  }

  @Test
  void shouldBeReadyWhileItServesAndAliveBefore() throws IOException {
    try (RunJvm run = RunJvm.plain(with(TWO, "--http", "localhost:0"))) {
      int http = httpPort(run);
      assertThat(status(http, "/health/live")).isEqualTo(200);
      run.monitor().awaitErrorLine("tine: serving workers=2");
      assertThat(status(http, "/health/ready")).isEqualTo(200);
      assertThat(HttpConnection.fetch(http, "/status.json"))
          .startsWith("{\"version\":1,\"name\":\"test\",\"workers\":2,\"state\":\"serving\"")
          .contains("\"line\":\"serving workers=2\"")
          .doesNotContain("PlainServer"); // no command line
      assertThat(HttpConnection.fetch(http, "/")).contains("<title>tine</title>");
      assertThat(status(http, "/nothing")).isEqualTo(404);
      run.stop();
    }
  }

  @Test
  void shouldNotRunWithoutThePageThatWasAskedFor() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        RunJvm run = RunJvm.plain(with(TWO, "--http", "127.0.0.1:" + taken.getLocalPort()))) {
      run.monitor().awaitErrorLine(".*--http 127.0.0.1:[0-9]+: Address already in use.*");
      run.expectExit(1);
    }
  }

  @Test
  void shouldRunAHookForEachEventInOrder() throws IOException {
    Path file = Files.createTempFile("tine-hook-", "");
    String hook =
        "sh -c 'echo \"$TINE_NAME $TINE_EVENT $TINE_FIELD_ID ${NOTIFY_SOCKET-none}\" >> "
            + file
            + "; echo seen'";
    try (RunJvm run = RunJvm.plain(with(TWO, "--on-event", hook))) {
      List<Long> pids = run.awaitWorkers(2);
      Kill.process(pids.get(1), Signal.KILL);
      run.awaitWorker(1);
      run.monitor().awaitLine("hook \\| seen");
      await()
          .atMost(TestJvm.LIMIT)
          .untilAsserted(() ->
              assertThat(Files.readAllLines(file))
                  .containsSubsequence(
                      "test booting  none",
                      "test ready  none",
                      "test warmed  none",
                      "test frozen  none",
                      "test worker 0 none",
                      "test worker 1 none",
                      "test serving  none",
                      "test worker-exit 1 none",
                      "test worker 1 none"));
      run.stop();
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void shouldServeOnWhileAHookHangsOrFails() throws IOException {
    List<String> hanging = List.of("--on-event", "sleep 600", "--on-event-timeout", "300ms");
    try (RunJvm run = RunJvm.plain(with(TWO, hanging.toArray(String[]::new)))) {
      run.monitor().awaitErrorLine("tine: hook-timeout event=booting after=0.3s");
      run.monitor().awaitErrorLine("tine: hook-failed event=booting reason=\"killed by SIGKILL\"");
      run.awaitWorkers(2);
      run.answersOf(2);
      run.stop();
    }
    try (RunJvm run = RunJvm.plain(with(TWO, "--on-event", "/no/such/program"))) {
      run.monitor()
          .awaitErrorLine(
              "tine: hook-failed event=booting reason=\"/no/such/program: No such file.*");
      run.awaitWorkers(2);
      run.answersOf(2);
      run.stop();
    }
  }

  private static List<String> with(List<String> options, String... more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of(more));
    return all;
  }

  private static int httpPort(RunJvm run) {
    return Integer.parseInt(
        run.monitor().awaitErrorLine("tine: http url=http://[^:]+:([0-9]+)/").group(1));
  }

  private static String metrics(int http) throws IOException {
    return HttpConnection.fetch(http, "/metrics");
  }

  private static double value(String metrics, String sample) {
    Matcher matcher = Pattern.compile("(?m)^" + sample + " (.*)$").matcher(metrics);
    assertThat(matcher.find()).as("%s in %s", sample, metrics).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  private static int status(int port, String path) throws IOException {
    var connection =
        (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
    try {
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }
}
