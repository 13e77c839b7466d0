package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.examples.hello.HelloPrefork;
import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Death;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.LoadClient;
import dev.tine.systemtests.kit.LoadClient.Connections;
import dev.tine.systemtests.kit.LoadClient.Kind;
import dev.tine.systemtests.kit.PreforkJvm;
import dev.tine.systemtests.kit.TestJvm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers are killed again and again while clients send requests without a pause. */
@Timeout(110)
class PreforkLoadTest {
  private static final int WORKERS = 4;
  private static final int KILLS = 24;
  private static final int THREADS = 4;

  @Test
  void shouldLoseNoRequestButThoseInFlightInAKilledWorker() throws InterruptedException {
    try (TestJvm server =
        PreforkJvm.program(HelloPrefork.class)
            .arguments("--listen", "127.0.0.1:0", "--workers", Integer.toString(WORKERS))
            .start()) {
      int port = Integer.parseInt(server.awaitLine(".*curl http://127.0.0.1:(\\d+)/").group(1));
      List<Death> deaths;
      LoadClient kept = LoadClient.start(port, Connections.KEPT_ALIVE, THREADS);
      LoadClient single = LoadClient.start(port, Connections.ONE_A_REQUEST, THREADS);
      try (kept;
          single) {
        deaths = killAgainAndAgain(single);
      }
      Kill.process(server.pid(), Signal.TERM);
      assertThat(server.exitCode()).as("exit code%s", server.report()).isEqualTo(143);
      server.assertNothingLeft();

      System.out.printf(
          "prefork load: kills=%d kept-alive: answers=%d failures=%d; one a request: answers=%d"
              + " failures=%d%n",
          deaths.size(),
          kept.answers(),
          kept.failures().size(),
          single.answers(),
          single.failures().size());
      for (LoadClient client : List.of(kept, single)) {
        assertThat(client.failures(Kind.CONNECT_FAILED)).isEmpty();
        assertThat(client.failures(Kind.WRONG_ANSWER)).isEmpty();
        assertThat(client.failures(Kind.TIMEOUT)).isEmpty();
        assertThat(client.failures())
            .allSatisfy(failure -> assertThat(deaths).anyMatch(death -> death.explains(failure)))
            .hasSizeLessThanOrEqualTo(KILLS * THREADS);
        assertThat(client.answers()).isGreaterThan(KILLS * 10L);
      }
      // A worker has no more requests in flight than connections, of which each fails once.
      assertThat(kept.failures().stream().filter(failure -> failure.server().isPresent()))
          .allMatch(
              failure -> deaths.stream().anyMatch(death -> failure.server().get() == death.pid()));
      assertThat(server.errorLines())
          .filteredOn(line -> line.endsWith("killed by signal 9, restarting"))
          .hasSize(KILLS);
    }
  }

  /** Kills each worker in turn, every time as soon as the successor of the last one serves. */
  private static List<Death> killAgainAndAgain(LoadClient client) throws InterruptedException {
    List<Death> deaths = new ArrayList<>();
    List<Set<Long>> killed = new ArrayList<>();
    for (int id = 0; id < WORKERS; id++) {
      killed.add(new HashSet<>());
    }
    for (int kill = 0; kill < KILLS; kill++) {
      int id = kill % WORKERS;
      long pid = client.awaitServer(id, killed.get(id));
      killed.get(id).add(pid);
      deaths.add(Death.of(pid));
      client.awaitServer(id, killed.get(id));
    }
    return deaths;
  }
}
