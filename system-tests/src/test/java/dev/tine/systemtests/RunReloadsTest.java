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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many reloads in a row, while requests come: nothing piles up. {@code -Dtine.reloads=64} has more
 * of them, and prints what was seen.
 */
@Timeout(900)
class RunReloadsTest {
  private static final int RELOADS = Integer.getInteger("tine.reloads", 6);

  /** Of the former generation, which is kept: its mold's pidfd, orders and two outputs. */
  private static final int KEPT = 4;

  /** Of heap and code that come with use: 128 MB of heap, most of them never touched. */
  private static final int GROWTH_KB = 24 * 1024;

  private record Use(int descriptors, int processes, long threads, long kilobytes) {
    static Use of(RunJvm run) {
      long pid = run.monitor().pid();
      String rss = Proc.status(pid, "VmRSS").replace(" kB", "");
      return new Use(
          Proc.descriptors(pid).size(),
          Proc.children(pid).size(),
          Long.parseLong(Proc.status(pid, "Threads")),
          Long.parseLong(rss));
    }
  }

  @Test
  void shouldBeAsLargeAsBeforeAfterManyReloads() {
    int port = RunJvm.freePort();
    List<String> command = new ArrayList<>(RunJvm.javaCommand());
    command.addAll(List.of(Versioned.class.getName(), Integer.toString(port), "one"));
    List<String> options = List.of("--workers", "2", "--warmup-requests", "5", "--probation", "0s");
    try (RunJvm run = RunJvm.start(options, command, port)) {
      run.awaitWorkers(2);
      Use first = Use.of(run);
      List<Use> uses = new ArrayList<>();
      try (LoadClient load = LoadClient.start(port, LoadClient.Connections.ONE_A_REQUEST, 1)) {
        for (int i = 0; i < RELOADS; i++) {
          Kill.process(run.monitor().pid(), Signal.HUP);
          run.monitor().awaitErrorLine("tine: reload-done gen=" + (i + 2) + " .*");
          uses.add(Use.of(run));
        }
        assertThat(load.failures()).isEmpty();
        assertThat(load.answers()).isPositive();
      }
      // A mold that is not kept ends by itself, and so do connections of the warm-up, after 5 s.
      await("descriptors and processes as after " + first + ", and not " + uses)
          .atMost(TestJvm.LIMIT)
          .until(() -> {
            Use now = Use.of(run);
            return now.descriptors <= first.descriptors + KEPT
                && now.processes == first.processes + 1
                && now.threads <= first.threads + 2;
          });
      Use half = uses.get(RELOADS / 2 - 1);
      Use last = Use.of(run);
      System.out.printf("after 0, %d, %d: %s, %s, %s%n", RELOADS / 2, RELOADS, first, half, last);
      assertThat(last.kilobytes).as("memory %s", uses).isLessThan(half.kilobytes + GROWTH_KB);
      run.stop();
    }
  }
}
