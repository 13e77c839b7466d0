package dev.tine.frameworktests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.HttpConnection;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code tine demo}: the first thing that anybody tries. */
@Timeout(240)
class DemoTest {
  private static final Pattern GREETING = Pattern.compile("Hello from ([0-9]+)@.*");
  private static final int REQUESTS = 5000;

  @Test
  void shouldServeFromTwoWorkersUntilItIsStopped() throws Exception {
    int port = RunJvm.freePort();
    try (TestJvm demo = start(port)) {
      Set<Long> pids = new TreeSet<>();
      for (int id = 0; id < 2; id++) {
        String line = "tine: worker id=" + id + " pid=([0-9]+) gen=1";
        pids.add(Long.parseLong(demo.awaitErrorLine(line).group(1)));
      }

      Set<Long> answering = new TreeSet<>();
      for (int i = 0; i < REQUESTS && answering.size() < 2; i++) {
        Matcher greeting = GREETING.matcher(HttpConnection.fetch(port, "/").strip());
        assertThat(greeting.matches()).as(greeting.toString()).isTrue();
        answering.add(Long.parseLong(greeting.group(1)));
      }
      assertThat(answering).isEqualTo(pids);

      Kill.process(demo.pid(), Signal.TERM);
      assertThat(demo.exitCode()).isZero();
      demo.assertNothingLeft();
    }
  }

  private static TestJvm start(int port) {
    return TestJvm.of("dev.tine.cli.Tine")
        .runtimeDirectory("XDG_RUNTIME_DIR")
        .options("-Dtine.demo.jar=" + System.getProperty("tine.demo.jar"))
        .arguments("demo", "--listen", "127.0.0.1:" + port)
        .start();
  }
}
