package dev.tine.frameworktests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.frameworktests.kit.Postgres;
import dev.tine.frameworktests.programs.Shop;
import dev.tine.systemtests.kit.HttpConnection;
import dev.tine.systemtests.kit.TestJvm;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * A Spring Boot application with HikariCP is forked while it serves; all processes serve its port.
 */
class SpringBootTest {
  private static final int REQUESTS = 200;
  private static final int POOL = 4;

  private static final Pattern ANSWER =
      Pattern.compile(
          "([0-9]+) ([0-9]+) ([0-9]+) checkpoints ([0-9]) restores ([0-9]) starts 1 stops 0");

  /** Sales so far and failures so far, by process. */
  private final Map<Long, Integer> sales = new HashMap<>();

  private final Map<Long, Integer> failures = new HashMap<>();

  @Test
  void shouldServeOnePortFromAllProcesses() throws Exception {
    try (var postgres = new Postgres()) {
      try (TestJvm jvm =
          TestJvm.of(Shop.class)
              .options("-Dorg.crac.Core.Compat=dev.tine.fork.crac", "-XX:TieredStopAtLevel=1")
              .arguments(postgres.url())
              .start()) {
        int port = Integer.parseInt(jvm.awaitLine("port ([0-9]+)").group(1));
        for (int i = 0; i < 20; i++) {
          sell(port, jvm.pid(), 0); // all connections have been used when it forks
        }
        long first = fork(jvm);
        long second = fork(jvm);

        for (int i = 0; i < REQUESTS; i++) {
          sell(port, jvm.pid(), second);
        }

        assertThat(sales.keySet()).isEqualTo(Set.of(jvm.pid(), first, second));
        assertThat(failures.get(jvm.pid())).as("failures of the parent").isZero();
        assertThat(failures.values()).allMatch(n -> n <= POOL);
        jvm.succeed();
      }
      assertThat(postgres.complaints()).as("complaints of the server").isEmpty();
    }
  }

  private static long fork(TestJvm jvm) {
    jvm.send("fork");
    return Long.parseLong(jvm.awaitLine("child ([0-9]+)").group(1));
  }

  /** One request; whoever answers has counted it right. */
  private void sell(int port, long parent, long second) throws IOException {
    String answer = HttpConnection.fetch(port, "/sell");
    Matcher matcher = ANSWER.matcher(answer);
    assertThat(matcher.matches()).as(answer).isTrue();
    long process = Long.parseLong(matcher.group(1));
    assertThat(Integer.parseInt(matcher.group(2)))
        .as(answer)
        .isEqualTo(sales.merge(process, 1, Integer::sum));
    failures.merge(process, Integer.parseInt(matcher.group(3)), Integer::sum);
    // Told of both forks, or, in the first child, of the one it was made by.
    String forks = second == 0 ? "0" : process == parent || process == second ? "2" : "1";
    assertThat(matcher.group(4)).as(answer).isEqualTo(forks);
    assertThat(matcher.group(5)).as(answer).isEqualTo(forks);
  }
}
