package dev.tine.run.watch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.run.Event;
import dev.tine.run.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WebServerTest {
  private final Counters counters = new Counters(System::nanoTime);
  private final EventLog log = new EventLog();
  private final StuckWorkers stuck = new StuckWorkers();
  private CompletableFuture<Status> status =
      CompletableFuture.completedFuture(status("serving", 2));
  private WebServer server;

  @BeforeEach
  void start() throws IOException {
    var pages = new Pages(() -> status, Set::of, counters, log, stuck, new Sampler());
    server = WebServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), pages);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private static Status status(String state, int workers) {
    List<Status.Member> processes =
        IntStream.range(0, workers)
            .mapToObj(
                id -> new Status.Member("worker", 1 + (1 << 30) + id, id, 3, Instant.EPOCH, 7))
            .toList();
    return new Status("shop", state, 3, 2, List.of(), processes);
  }

  @Test
  void shouldServeMetrics() throws IOException {
    counters.accept(Event.of("worker").with("id", 0).with("pid", 5));
    String answer = get("/metrics");

    assertThat(answer)
        .startsWith("HTTP/1.1 200 ")
        .containsIgnoringCase("Content-type: text/plain; version=0.0.4")
        .contains("\ntine_info{name=\"shop\"} 1\n")
        .contains("\ntine_generation 3\n")
        .contains("\ntine_workers{state=\"serving\"} 2\n")
        .contains("\ntine_events_total{event=\"worker\"} 1\n")
        .contains("\ntine_memory_pss_bytes{role=\"worker\",id=\"1\",generation=\"3\"} 0\n");
    // Every sample follows the type of its metric, and no metric is told twice.
    List<String> types = answer.lines().filter(line -> line.startsWith("# TYPE ")).toList();
    assertThat(types).doesNotHaveDuplicates().hasSizeGreaterThan(20);
  }

  @Test
  void shouldTellHealth() throws IOException {
    assertThat(get("/health/live")).startsWith("HTTP/1.1 200 ");
    assertThat(get("/health/ready")).startsWith("HTTP/1.1 200 ").contains("2 of 2 workers serve");
    for (int id = 0; id < 2; id++) {
      stuck.accept(stuck("worker-stuck", id).with("action", "report"));
    }
    assertThat(get("/health/ready")).startsWith("HTTP/1.1 200 ").contains("2 of 2 workers serve");
    stuck.accept(stuck("worker-stuck", 0).with("action", "replace"));
    assertThat(get("/health/ready")).startsWith("HTTP/1.1 200 ").contains("1 of 2 workers serve");
    stuck.accept(stuck("worker-stuck", 1).with("action", "replace"));
    assertThat(get("/health/ready")).startsWith("HTTP/1.1 503 ").contains("0 of 2 workers serve");
    stuck.accept(stuck("worker-recovered", 1));
    assertThat(get("/health/ready")).startsWith("HTTP/1.1 200 ").contains("1 of 2 workers serve");
    status = CompletableFuture.completedFuture(status("serving", 0));
    assertThat(get("/health/live")).startsWith("HTTP/1.1 200 ");
    assertThat(get("/health/ready")).startsWith("HTTP/1.1 503 ").contains("0 of 2 workers serve");
    status = CompletableFuture.completedFuture(status("stopping", 2));
    assertThat(get("/health/ready")).startsWith("HTTP/1.1 503 ");
    status = new CompletableFuture<>(); // the loop hangs
    assertThat(get("/health/live")).startsWith("HTTP/1.1 503 ").contains("does not answer");
  }

  private static Event stuck(String name, int id) {
    return Event.of(name).with("pid", 1 + (1 << 30) + id);
  }

  @Test
  void shouldServeThePageWithItsEvents() throws IOException {
    log.accept(Event.of("x").with("text", "<b>\"").details(List.of("what a program has printed")));
    assertThat(get("/")).contains("text/html", "Content-security-policy", "<title>tine</title>");
    assertThat(get("/status.json"))
        .contains("{\"version\":1,\"name\":\"shop\",\"workers\":2,\"state\":\"serving\"")
        .contains("\"line\":\"x text=\\\"<b>\\\\\\\"\\\"\"")
        .doesNotContain("what a program has printed");
  }

  @Test
  void shouldOnlyBeRead() throws IOException {
    assertThat(ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"))
        .startsWith("HTTP/1.1 405 ")
        .contains("Allow: GET, HEAD");
    String head = ask("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\n");
    assertThat(head).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n");
    assertThat(get("/../etc/passwd")).startsWith("HTTP/1.1 404 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "127.0.0.1.evil.example", "evil.example:9090", "a b", ""})
  void shouldNotAnswerForNamesOfOthers(String host) throws IOException {
    assertThat(ask("GET /status.json HTTP/1.1\r\nHost: " + host + "\r\n"))
        .startsWith("HTTP/1.1 403 ")
        .doesNotContain("shop");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:9090", "[::1]:9090", "localhost", "app:9090", "10.1.2.3"})
  void shouldAnswerForAddressesAndPlainNames(String host) throws IOException {
    assertThat(ask("GET /health/live HTTP/1.1\r\nHost: " + host + "\r\n"))
        .startsWith("HTTP/1.1 200 ");
  }

  private String get(String path) throws IOException {
    return ask("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  }

  private String ask(String request) throws IOException {
    try (var socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      socket.getOutputStream().write((request + "Connection: close\r\n\r\n").getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }
}
