package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Cc;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.Output;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker that was killed and cannot end: one of its threads is kept in the kernel, as the freeing
 * of a large memory keeps it for a shorter time. Its successor does not wait for that.
 */
@Timeout(120)
class RunDyingTest {
  private static final List<String> ONE = List.of("--workers", "1", "--warmup-requests", "5");
  private static final List<String> TWO = List.of("--workers", "2", "--warmup-requests", "5");

  /** One that dies younger may be broken, and its successor waits. */
  private static final Duration OLD_ENOUGH = Duration.ofMillis(1100);

  private static Path lingering;

  @BeforeAll
  static void compile(@TempDir Path directory) throws IOException, InterruptedException {
    lingering = Cc.program("lingering.c", directory);
  }

  /** Keeps a process, until it is closed. */
  private static final class Grip implements AutoCloseable {
    private final Process process;

    private Grip(long pid) throws IOException, InterruptedException {
      process = new ProcessBuilder(lingering.toString(), Long.toString(pid)).start();
      var output = new Output(process.getInputStream(), "lingering");
      assertThat(output.await(Pattern.compile("held"), TestJvm.LIMIT)).isPresent();
    }

    @Override
    public void close() throws IOException {
      process.getOutputStream().close();
      process.onExit().join();
    }
  }

  /** A worker, when it is old enough. */
  private static long awaitOldWorker(RunJvm run, int id) {
    long pid = run.awaitWorker(id);
    long begin = System.nanoTime();
    await()
        .atMost(TestJvm.LIMIT)
        .until(() -> {
          run.get("/");
          return System.nanoTime() - begin > OLD_ENOUGH.toNanos();
        });
    return pid;
  }

  /** Kills one of the workers; the one that is there then and was not before. */
  private static long replace(long dying, RunJvm run, List<Long> workers) {
    Kill.process(dying, Signal.KILL);
    return await()
        .atMost(TestJvm.LIMIT)
        .until(
            () ->
                Proc.children(run.monitor().pid()).stream()
                    .filter(
                        pid -> Proc.title(pid).startsWith("tine: worker") && !workers.contains(pid))
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  @Test
  void shouldServeAgainBeforeADeathIsComplete() throws IOException, InterruptedException {
    try (RunJvm run = RunJvm.plain(ONE)) {
      long dying = awaitOldWorker(run, 0);
      long successor;
      try (var _ = new Grip(dying)) {
        Kill.process(dying, Signal.KILL);
        successor = RunJvm.pidIn(run.get("/"));
        assertThat(successor).isNotEqualTo(dying);
        assertThat(Proc.state(dying)).isNotEqualTo('-');
        assertThat(run.monitor().errorLines()).noneMatch(line -> line.contains("worker-exit"));
      }
      run.monitor().awaitErrorLine(".*worker-exit id=0 pid=" + dying + " .*SIGKILL\"");
      assertThat(run.awaitWorker(0)).isEqualTo(successor);
      assertThat(run.tine(0, "status", "--json")).contains("\"restarts\":1");
      run.stop();
    }
  }

  @Test
  void shouldEndAnEarlySuccessorWhenThereAreToBeFewer() throws IOException, InterruptedException {
    try (RunJvm run = RunJvm.plain(TWO)) {
      long stays = run.awaitWorker(0);
      long dying = awaitOldWorker(run, 1);
      try (var _ = new Grip(dying)) {
        long successor = replace(dying, run, List.of(stays, dying));
        run.tine(0, "scale", "1");
        run.monitor().awaitErrorLine(".*worker-exit id=1 pid=" + successor + " .*");
        assertThat(run.answersOf(1)).containsOnlyKeys(stays);
      }
      run.monitor().awaitErrorLine(".*worker-exit id=1 pid=" + dying + " .*");
      run.stop();
    }
  }

  @Test
  void shouldReloadWhileAWorkerIsDying() throws IOException, InterruptedException {
    try (RunJvm run = RunJvm.plain(ONE)) {
      long dying = awaitOldWorker(run, 0);
      try (var _ = new Grip(dying)) {
        long successor = replace(dying, run, List.of(dying));
        Kill.process(run.monitor().pid(), Signal.HUP);
        long next = run.awaitWorker(0, 2);
        run.monitor().awaitErrorLine(".*worker-exit id=0 pid=" + successor + " .*");
        assertThat(run.answersOf(1)).containsOnlyKeys(next);
      }
      run.monitor().awaitErrorLine(".*worker-exit id=0 pid=" + dying + " .*");
      run.monitor().awaitErrorLine("tine: reload-done gen=2 .*");
      run.stop();
    }
  }

  @Test
  void shouldStopWhileAWorkerIsDying() throws IOException, InterruptedException {
    try (RunJvm run = RunJvm.plain(ONE)) {
      long dying = awaitOldWorker(run, 0);
      try (var _ = new Grip(dying)) {
        long successor = replace(dying, run, List.of(dying));
        Kill.process(run.monitor().pid(), Signal.TERM);
        run.monitor().awaitErrorLine(".*worker-exit id=0 pid=" + successor + " .*");
      }
      run.expectExit(0);
    }
  }

  /** It may be made before the mold is ended, after that, or while it is. */
  @Test
  void shouldLeaveNoSuccessorThatIsMadeDuringAStop() throws IOException, InterruptedException {
    try (RunJvm run = RunJvm.plain(ONE)) {
      long dying = awaitOldWorker(run, 0);
      long mold = run.child("tine: mold");
      try (var _ = new Grip(dying)) {
        Kill.process(mold, Signal.STOP); // so that it makes the successor when it is told to go on
        Kill.process(dying, Signal.KILL);
        await().atMost(TestJvm.LIMIT).until(() -> !Proc.threadNames(dying).contains("tine-herald"));
        run.tine(0, "status"); // which comes after the herald's end in the monitor's loop
        Kill.process(run.monitor().pid(), Signal.TERM);
        run.monitor().awaitErrorLine("tine: stopping .*");
        Kill.process(mold, Signal.CONT);
        await().atMost(TestJvm.LIMIT).until(() -> workersOrMolds(run).equals(List.of(dying)));
      }
      run.expectExit(0);
      assertThat(run.monitor().errorLines()).noneMatch(line -> line.contains("worker-kill"));
    }
  }

  /** Those that live, in order; a zombie has no title. */
  private static List<Long> workersOrMolds(RunJvm run) {
    return Proc.children(run.monitor().pid()).stream()
        .filter(pid -> Proc.title(pid).startsWith("tine: "))
        .sorted()
        .toList();
  }
}
