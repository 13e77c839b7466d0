package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.JdkTool;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.LoadClient;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Versioned;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
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

  /** Of the heap: what a monitor remembers of former events, and little else. */
  private static final int GROWTH_KB = 2 * 1024;

  private static final Pattern USED = Pattern.compile(" total [0-9]+K, used ([0-9]+)K");

  /** What the monitor takes. */
  private record Use(int descriptors, int processes, long threads, long residentKb) {
    static Use of(RunJvm run) {
      long pid = run.monitor().pid();
      String resident = Proc.status(pid, "VmRSS").replace(" kB", "");
      return new Use(
          Proc.descriptors(pid).size(),
          Proc.children(pid).size(),
          Long.parseLong(Proc.status(pid, "Threads")),
          Long.parseLong(resident));
    }
  }

  /** Of the heap, what is still needed. */
  private static long liveKb(RunJvm run) {
    String pid = Long.toString(run.monitor().pid());
    JdkTool.run("jcmd", pid, "GC.run");
    String generations = JdkTool.run("jcmd", pid, "GC.heap_info");
    long usedKb =
        USED.matcher(generations).results().mapToLong(used -> Long.parseLong(used.group(1))).sum();
    assertThat(usedKb).as(generations).isPositive();
    return usedKb;
  }

  @Test
  void shouldBeAsLargeAsBeforeAfterManyReloads() {
    int port = RunJvm.freePort();
    List<String> command = new ArrayList<>(RunJvm.javaCommand());
    command.addAll(List.of(Versioned.class.getName(), Integer.toString(port), "one"));
    List<String> options = List.of("--workers", "2", "--warmup-requests", "5", "--probation", "0s");
    try (RunJvm run = RunJvm.start(options, command, port)) {
      run.awaitWorkers(2);
      long _ = liveKb(run); // before: the monitor has a socket for who asks, from the first time on
      Use first = Use.of(run);
      List<Use> uses = new ArrayList<>();
      long liveKb = 0;
      try (LoadClient load = LoadClient.start(port, LoadClient.Connections.ONE_A_REQUEST, 1)) {
        for (int i = 0; i < RELOADS; i++) {
          Kill.process(run.monitor().pid(), Signal.HUP);
          run.monitor().awaitErrorLine("tine: reload-done gen=" + (i + 2) + " .*");
          uses.add(Use.of(run));
          if (i == RELOADS / 2) {
            liveKb = liveKb(run);
          }
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
      long lastKb = liveKb(run);
      System.out.printf(
          "reloads %d: before %s, after %s, heap from the middle on %d KB to %d KB%n",
          RELOADS, first, Use.of(run), liveKb, lastKb);
      assertThat(lastKb).as("live heap").isLessThan(liveKb + GROWTH_KB);
      run.stop();
    }
  }
}
