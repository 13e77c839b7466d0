package dev.tine.process;

import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.shell;
import static dev.tine.process.Kit.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tine.sys.Pidfd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The ends of subprocesses, and how they are brought about. */
final class ExitTest {

  @Test
  void shouldTellEveryKindOfEnd() throws Exception {
    assertThat(end("exit 0")).hasToString("exited with status 0");
    assertThat(end("exit 127")).hasToString("exited with status 127");
    assertThat(end("exit 143")).hasToString("exited with status 143");
    assertThat(end("kill -TERM $$")).hasToString("killed by SIGTERM");
    assertThat(end("kill -KILL $$")).hasToString("killed by SIGKILL");
    assertThat(end("ulimit -c 0; kill -SEGV $$")).hasToString("killed by SIGSEGV");
    assertThat(end("kill -35 $$")).hasToString("killed by signal 35");
  }

  @Test
  void shouldSeeTheEndWhileAGrandchildHoldsThePipes() throws Exception {
    Subprocess p =
        shell("sleep 1000 & echo $!")
            .stdin(Stdio.STREAM)
            .stdout(Stdio.STREAM)
            .stderr(Stdio.STREAM)
            .start();
    long grandchild = Long.parseLong(text(p.stdout().readUntil("\n")).strip());

    assertThat(get(p.exit()).isSuccess()).isTrue();

    assertThat(ProcessHandle.of(grandchild)).get().matches(ProcessHandle::isAlive);
    assertThat(p.stdout().isClosed()).isFalse();
    ProcessHandle.of(grandchild).orElseThrow().destroyForcibly();
    assertThat(text(p.stdout().readUntilClose())).isEmpty();
    p.close();
  }

  @Test
  void shouldNotTakeClosedPipesForTheEnd() throws Exception {
    Subprocess p =
        shell("exec >&- 2>&-; read -r go; exit 5")
            .stdin(Stdio.STREAM)
            .stdout(Stdio.STREAM)
            .stderr(Stdio.STREAM)
            .start();
    assertThat(text(p.stdout().readUntilClose())).isEmpty();
    assertThat(text(p.stderr().readUntilClose())).isEmpty();

    assertThat(p.isAlive()).isTrue();
    long closedNanos = System.nanoTime();
    get(p.stdin().write("go\n"));

    assertThat(get(p.exit()).returnCode()).isEqualTo(5);
    assertThat(System.nanoTime() - closedNanos).isLessThan(TimeUnit.SECONDS.toNanos(10));
    p.close();
  }

  @Test
  void shouldNotTakeAStopForTheEnd() throws Exception {
    Subprocess p = Command.of("cat").stdin(Stdio.STREAM).stdout(Stdio.STREAM).start();
    p.signal(Signal.STOP);
    awaitState(p, "T");

    assertThat(p.waitFor(Duration.ofMillis(50))).isEmpty();
    p.signal(Signal.CONT);
    get(p.stdin().write("on"));

    assertThat(text(p.stdout().readBytes(2))).isEqualTo("on");
    p.close();
    assertThat(p.exitStatus()).isPresent();
  }

  @Test
  void shouldSayThatTheStatusWasTakenBySomebodyElse() throws Exception {
    Subprocess p = Command.of("cat").stdin(Stdio.STREAM).stdout(Stdio.DISCARD).start();
    int thief = Pidfd.open((int) p.pid());
    EventLoop loop = p.loop();
    CompletableFuture<Void> blocked = new CompletableFuture<>();
    CompletableFuture<Void> stolen = new CompletableFuture<>();
    loop.execute(() -> {
      blocked.complete(null);
      stolen.join();
    });
    get(blocked);
    p.stdin().close();
    while (Pidfd.reap(thief).isEmpty()) {
      Thread.onSpinWait();
    }
    stolen.complete(null);

    assertThat(get(p.exit()))
        .isInstanceOf(ExitStatus.Unknown.class)
        .hasToString(
            "ended in an unknown way: its status was taken by other code of this process that waits"
                + " for all children, or discarded because SIGCHLD is ignored");
    assertThat(p.returnCode()).isEmpty();
    Pidfd.close(thief);
  }

  @Test
  void shouldCountWhatWasUsed() throws Exception {
    ExitStatus status = shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done").run().status();

    assertThat(status.usage().userTime()).isPositive().isLessThan(status.wallTime().plusSeconds(1));
    assertThat(status.usage().minorFaults()).isPositive();
  }

  @Test
  void shouldNotWaitLongerThanItIsTold() throws Exception {
    try (Subprocess p = Command.of("sleep", "1000").start()) {
      long startNanos = System.nanoTime();
      assertThat(p.waitFor(Duration.ofMillis(10))).isEmpty();
      assertThat(System.nanoTime() - startNanos).isGreaterThanOrEqualTo(10_000_000);
      assertThat(p.waitFor(Duration.ZERO)).isEmpty();

      Thread.currentThread().interrupt();
      assertThatThrownBy(p::waitFor).isInstanceOf(InterruptedException.class);
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> p.waitFor(Duration.ofSeconds(Long.MAX_VALUE)))
          .isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void shouldStopAtOnceWhatListensToTheFirstSignal() throws Exception {
    Subprocess p = Command.of("sleep", "1000").start();

    p.stop();

    assertThat(get(p.exit()).returnCode()).isEqualTo(-15);
    p.stop();
  }

  @Test
  void shouldKillAtOnceIfToldSoMeanwhile() throws Exception {
    Subprocess p = deaf();
    p.stop(Escalation.signal(Signal.TERM).then(Duration.ofHours(1), Signal.KILL));
    assertThat(p.waitFor(Duration.ofMillis(30))).isEmpty();

    p.stop(Escalation.KILL);

    assertThat(get(p.exit()).returnCode()).isEqualTo(-9);
    p.close();
  }

  @Test
  void shouldStopWhenClosedAndKeepAnInterrupt() throws Exception {
    Subprocess p = deaf();
    Thread.currentThread().interrupt();

    p.close();
    p.close();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(p.exitStatus().orElseThrow().returnCode()).isEqualTo(-9);
  }

  @Test
  void shouldSignalAWholeGroup() throws Exception {
    Subprocess p = shell("sleep 1000 & echo $!; wait").ownGroup().stdout(Stdio.STREAM).start();
    long grandchild = Long.parseLong(text(p.stdout().readUntil("\n")).strip());

    assertThat(p.signalGroup(Signal.KILL)).isTrue();

    assertThat(get(p.exit()).returnCode()).isEqualTo(-9);
    awaitGone(grandchild);
    assertThat(p.signalGroup(Signal.KILL)).isFalse();
    p.close();
  }

  @Test
  void shouldKillWhatAStoppedLeaderLeaves() throws Exception {
    Subprocess p =
        shell("(trap '' TERM; echo $$; exec sleep 1000) & read -r never")
            .ownGroup()
            .stdin(Stdio.STREAM)
            .stdout(Stdio.STREAM)
            .start();
    get(p.stdout().readUntil("\n"));

    p.stop();

    get(p.exit());
    assertThat(text(p.stdout().readUntilClose())).isEmpty(); // so nobody has it open any more
    p.close();
  }

  @Test
  void shouldNotSignalTheGroupOfThisProcess() {
    try (Subprocess p = Command.of("sleep", "1000").start()) {
      assertThatThrownBy(() -> p.signalGroup(Signal.TERM))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("ownGroup()");
    }
  }

  @Test
  void shouldHaveASessionOfItsOwn() throws Exception {
    String[] stat =
        shell("read -r stat < /proc/self/stat; echo ${stat##*) }")
            .ownSession()
            .run()
            .text()
            .split(" ", -1);

    assertThat(stat[2]).isEqualTo(stat[3]);
    assertThat(stat[4]).isEqualTo("0");
  }

  @Test
  void shouldReportAllWhoAreKilledAtRandom() throws Exception {
    List<Subprocess> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(Command.of("cat").stdin(Stdio.STREAM).stdout(Stdio.STREAM).start());
    }
    List<Subprocess> shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, new Random(1));

    shuffled.forEach(p -> p.signal(Signal.KILL));

    for (Subprocess p : all) {
      assertThat(get(p.exit()).returnCode()).isEqualTo(-9);
      assertThat(get(p.stdout().readUntilClose())).isEmpty();
      p.close();
    }
  }

  @Test
  void shouldLeaveOtherChildrenAlone() throws Exception {
    Process other = new ProcessBuilder("sh", "-c", "read go; exit 9").start();
    for (int i = 0; i < 20; i++) {
      get(Command.of("true").start().exit());
    }

    other.outputWriter().write("go\n");
    other.outputWriter().close();

    assertThat(other.waitFor()).isEqualTo(9);
  }

  @Test
  void shouldKillAControlGroup() throws Exception {
    try (Subprocess p = Command.of("sleep", "1000").start()) {
      assertThatThrownBy(p::killCgroup).hasMessageContaining("cgroup(directory)");
    }
    Path hierarchy = Path.of("/sys/fs/cgroup/unified");
    assumeTrue(Files.isWritable(hierarchy) && "root".equals(System.getProperty("user.name")));
    Path group = Files.createDirectory(hierarchy.resolve("tine-kill-" + Pidfd.self()));
    try {
      Subprocess p =
          shell("setsid sleep 1000 & echo $!; wait").cgroup(group).stdout(Stdio.STREAM).start();
      get(p.stdout().readUntil("\n"));
      assertThat(Files.readAllLines(group.resolve("cgroup.procs"))).hasSize(2);

      p.killCgroup();

      assertThat(get(p.exit()).returnCode()).isEqualTo(-9);
      assertThat(text(p.stdout().readUntilClose())).isEmpty(); // so the other is gone, too
      p.close();
    } finally {
      awaitEmpty(group);
      Files.delete(group);
    }
  }

  @Test
  void shouldDescribeItself() throws Exception {
    Subprocess p = Command.of("sleep", "1000").start();

    assertThat(p).hasToString("sleep (pid " + p.pid() + ", running)");
    p.close();
    assertThat(p).hasToString("sleep (pid " + p.pid() + ", killed by SIGTERM)");
    assertThat(p.path()).endsWith("/sleep");
  }

  private static ExitStatus end(String script) throws InterruptedException {
    return shell(script).unchecked().run().status();
  }

  /** Ignores SIGTERM from the time it is returned. */
  private static Subprocess deaf() {
    Subprocess p =
        shell("trap '' TERM; echo deaf; while :; do sleep 0.1; done").stdout(Stdio.STREAM).start();
    get(p.stdout().readUntil("\n"));
    return p;
  }

  private static void awaitState(Subprocess p, String state) throws Exception {
    Path stat = Path.of("/proc/" + p.pid() + "/stat");
    while (!Files.readString(stat).replaceFirst(".*\\) ", "").startsWith(state)) {
      Thread.onSpinWait();
    }
  }

  private static void awaitEmpty(Path group) throws Exception {
    long deadlineNanos = System.nanoTime() + Kit.LIMIT.toNanos();
    while (!Files.readAllLines(group.resolve("cgroup.procs")).isEmpty()) {
      assertThat(System.nanoTime()).isLessThan(deadlineNanos);
    }
  }

  private static void awaitGone(long pid) {
    ProcessHandle.of(pid).ifPresent(handle -> get(handle.onExit()));
  }
}
