package dev.tine.frameworktests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tine.frameworktests.kit.Servers;
import dev.tine.systemtests.kit.Death;
import dev.tine.systemtests.kit.HttpConnection;
import dev.tine.systemtests.kit.Jdk;
import dev.tine.systemtests.kit.LoadClient;
import dev.tine.systemtests.kit.LoadClient.Connections;
import dev.tine.systemtests.kit.LoadClient.Kind;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Servers that know nothing of Tine, under {@code tine run}: real ones, as they are. */
@Timeout(240)
class RunServersTest {
  /** With {@code -Dtine.tests.long=true} each of them gets more. */
  private static final boolean LONG = Boolean.getBoolean("tine.tests.long");

  private static final int WORKERS = 3;
  private static final int REQUESTS = LONG ? 20_000 : 2_000;
  private static final int KILLS = LONG ? 10 : 3;
  private static final int THREADS = 4;
  private static final List<String> OPTIONS =
      List.of(
          "--workers",
          Integer.toString(WORKERS),
          "--ready-timeout",
          "120s",
          "--warmup-requests",
          "200");

  private static Servers servers;

  @BeforeAll
  static void compile(@TempDir Path directory) throws IOException {
    servers = new Servers(directory);
  }

  @ParameterizedTest(name = "{0} on JDK {1}, {2}")
  @CsvSource({"TOMCAT, 25, G1", "JETTY, 25, Parallel", "JETTY, 17, Serial"})
  void shouldServeSpringBoot(Servers.Kind kind, int jdk, String collector) throws Exception {
    int port = RunJvm.freePort();
    serve(kind, jdk, collector, port, "--server.address=127.0.0.1", "--server.port=" + port);
  }

  @ParameterizedTest(name = "{0} on JDK {1}, {2}")
  @CsvSource({"nio, 25, Serial", "nio, 17, G1", "epoll, 25, Parallel", "epoll, 17, G1"})
  void shouldServeNetty(String transport, int jdk, String collector) throws Exception {
    int port = RunJvm.freePort();
    serve(Servers.Kind.NETTY, jdk, collector, port, transport, Integer.toString(port));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"Serial", "G1"})
  void shouldServeWithVirtualThreads(String collector) throws Exception {
    int port = RunJvm.freePort();
    serve(Servers.Kind.JDK, 25, collector, port, Integer.toString(port));
  }

  /** As most programs do: on all addresses of both families, with one socket. */
  @ParameterizedTest(name = "JDK {0}, {1}")
  @CsvSource({"17, Parallel", "25, Serial"})
  void shouldServeOnAllAddresses(int jdk, String collector) throws Exception {
    int port = RunJvm.freePort();
    try (RunJvm run = start(Servers.Kind.TOMCAT, jdk, collector, port, "--server.port=" + port)) {
      List<Long> pids = awaitWorkers(run);
      assertThat(run.answersOf(WORKERS).keySet()).containsExactlyInAnyOrderElementsOf(pids);
      if (hasIpv6()) {
        try (var connection = new HttpConnection(InetAddress.ofLiteral("::1"), port)) {
          assertThat(pids).contains(RunJvm.pidIn(connection.get("/", false)));
        }
      }
      load(run);
      kill(run, pids);
      run.stop();
    }
  }

  @ParameterizedTest(name = "{0} on JDK {1}, {2}")
  @CsvSource({"nio, 17, Serial", "epoll, 25, G1"})
  void shouldServeOnTwoPorts(String transport, int jdk, String collector) throws Exception {
    int port = RunJvm.freePort();
    int other = RunJvm.freePort();
    String[] arguments = {transport, Integer.toString(port), Integer.toString(other)};
    try (RunJvm run = start(Servers.Kind.NETTY, jdk, collector, port, arguments)) {
      List<Long> pids = awaitWorkers(run);
      assertThat(run.answersOf(WORKERS).keySet()).containsExactlyInAnyOrderElementsOf(pids);
      assertThat(run.answersOf(WORKERS, other).keySet()).containsExactlyInAnyOrderElementsOf(pids);
      replace(run, pids, 0);
      assertThat(run.answersOf(WORKERS, other).keySet()).containsExactlyInAnyOrderElementsOf(pids);
      run.stop();
    }
  }

  private static void serve(
      Servers.Kind kind, int jdk, String collector, int port, String... arguments)
      throws Exception {
    try (RunJvm run = start(kind, jdk, collector, port, arguments)) {
      List<Long> pids = awaitWorkers(run);
      assertThat(run.answersOf(WORKERS).keySet()).containsExactlyInAnyOrderElementsOf(pids);
      load(run);
      kill(run, pids);
      keepConnection(run, pids);
      run.stop();
    }
  }

  private static RunJvm start(
      Servers.Kind kind, int jdk, String collector, int port, String... arguments)
      throws IOException {
    Optional<Path> home = Jdk.home(jdk);
    assumeTrue(home.isPresent(), "JDK " + jdk + " is installed");
    return RunJvm.start(
        OPTIONS, servers.command(kind, home.get(), collector, Stream.of(arguments)), port);
  }

  /** Step by step: on a busy machine all together may take longer than a step may. */
  private static List<Long> awaitWorkers(RunJvm run) {
    run.monitor().awaitErrorLine("tine: booting .*");
    run.monitor().awaitErrorLine("tine: ready gen=1 .*");
    run.monitor().awaitErrorLine("tine: warmed gen=1 requests=200 errors=0 .*");
    run.monitor().awaitErrorLine("tine: frozen gen=1 .*");
    return new ArrayList<>(run.awaitWorkers(WORKERS));
  }

  /** Thousands of requests, of which none fails. */
  private static void load(RunJvm run) {
    LoadClient kept = LoadClient.start(run.port(), Connections.KEPT_ALIVE, THREADS);
    LoadClient single = LoadClient.start(run.port(), Connections.ONE_A_REQUEST, THREADS);
    try (kept;
        single) {
      await(REQUESTS + " answers")
          .atMost(TestJvm.LIMIT.multipliedBy(LONG ? 4 : 2))
          .until(() ->
              kept.answers() + single.answers() >= REQUESTS
                  || !kept.failures().isEmpty()
                  || !single.failures().isEmpty());
    }
    assertThat(kept.failures()).as(run.monitor().report()).isEmpty();
    assertThat(single.failures()).as(run.monitor().report()).isEmpty();
  }

  /** Under load, each in turn: nothing fails but what was in flight in one that was killed. */
  private static void kill(RunJvm run, List<Long> pids) throws InterruptedException {
    List<Death> deaths = new ArrayList<>();
    LoadClient kept = LoadClient.start(run.port(), Connections.KEPT_ALIVE, THREADS);
    LoadClient single = LoadClient.start(run.port(), Connections.ONE_A_REQUEST, THREADS);
    try (kept;
        single) {
      Set<Long> seen = new HashSet<>(pids);
      for (int i = 0; i < KILLS; i++) {
        deaths.add(replace(run, pids, i % WORKERS));
        long successor = single.awaitServer(LoadClient.NO_ID, seen);
        assertThat(successor).isEqualTo(pids.get(i % WORKERS));
        seen.add(successor);
      }
    }
    for (LoadClient client : List.of(kept, single)) {
      assertThat(client.failures(Kind.CONNECT_FAILED)).isEmpty();
      assertThat(client.failures(Kind.WRONG_ANSWER)).isEmpty();
      assertThat(client.failures(Kind.TIMEOUT)).isEmpty();
      assertThat(client.failures())
          .as("failures, with %s%s", deaths, run.monitor().report())
          .allSatisfy(failure -> assertThat(deaths).anyMatch(death -> death.explains(failure)))
          .hasSizeLessThanOrEqualTo(KILLS * THREADS);
    }
  }

  /** Kills a worker; its successor takes its place in {@code pids}. */
  private static Death replace(RunJvm run, List<Long> pids, int id) {
    long pid = pids.get(id);
    Death death = Death.of(pid);
    run.monitor().awaitErrorLine(".*worker-exit id=" + id + " pid=" + pid + " .*SIGKILL\"");
    pids.set(id, run.awaitWorker(id));
    return death;
  }

  /** A connection to one worker lives on when others die. */
  private static void keepConnection(RunJvm run, List<Long> pids) throws IOException {
    try (var connection = new HttpConnection(run.port())) {
      long pid = RunJvm.pidIn(connection.get("/", true));
      int id = pids.indexOf(pid);
      assertThat(id).as("%d among %s", pid, pids).isNotNegative();
      for (int other = 0; other < WORKERS; other++) {
        if (other != id) {
          replace(run, pids, other);
          assertThat(RunJvm.pidIn(connection.get("/", true))).isEqualTo(pid);
        }
      }
    }
  }

  private static boolean hasIpv6() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .anyMatch(address -> address instanceof Inet6Address && address.isLoopbackAddress());
  }
}
