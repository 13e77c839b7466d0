package dev.tine.process;

import static dev.tine.process.Kit.bytes;
import static dev.tine.process.Kit.failure;
import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Command#run()}. */
final class RunTest {
  @TempDir Path directory;

  @Test
  void shouldReturnWhatWasWritten() throws Exception {
    Result result = shell("echo out; echo err >&2").run();

    assertThat(result.text()).isEqualTo("out\n");
    assertThat(result.stderr().lines()).containsExactly("err");
    assertThat(result.isSuccess()).isTrue();
    assertThat(result.heldBy()).isEmpty();
    assertThat(result.status().wallTime()).isPositive();
  }

  @Test
  void shouldFailWithAllThatHelpsToFindTheCause() {
    assertThatThrownBy(() -> shell("echo lost; echo 'no such thing' >&2; exit 3", "it's").run())
        .isInstanceOfSatisfying(
            CommandFailedException.class,
            e -> {
              assertThat(e.status().returnCode()).isEqualTo(3);
              assertThat(e.result().orElseThrow().text()).isEqualTo("lost\n");
              assertThat(e.getStackTrace()[1].getMethodName()).isIn("run", "await");
            })
        .hasMessageStartingWith(
            "/bin/sh -c 'echo lost; echo '\\''no such thing'\\'' >&2; exit 3' sh 'it'\\''s'"
                + " exited with status 3 after ")
        .hasMessageEndingWith(" ms; stderr: no such thing");
  }

  @Test
  void shouldReturnAnyStatusIfUnchecked() throws Exception {
    assertThat(shell("exit 3").unchecked().run().status().returnCode()).isEqualTo(3);
    assertThat(shell("kill -SEGV $$").unchecked().run().status().returnCode()).isEqualTo(-11);
  }

  @Test
  void shouldNotTellTheEnvironment() {
    assertThatThrownBy(() -> shell("exit 1").environment("SECRET", "hunter2").run())
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void shouldNotDeadlockWhateverIsWrittenFirst() throws Exception {
    byte[] input = bytes(3_000_000);

    Result result = shell("tee /dev/stderr").stdin(Stdio.bytes(input)).run();

    assertThat(result.stdout().bytes()).isEqualTo(input);
    assertThat(result.stderr().bytes()).isEqualTo(input);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8_192, 8_193, 65_535, 65_536, 65_537, 219_264, 1_000_000})
  void shouldPassInputOfEverySize(int size) throws Exception {
    byte[] input = bytes(size);

    assertThat(Command.of("cat").stdin(Stdio.bytes(input)).run().stdout().bytes()).isEqualTo(input);
    assertThat(
            Command.of("cat")
                .stdin(Stdio.copy(new ByteArrayInputStream(input)))
                .run()
                .stdout()
                .bytes())
        .isEqualTo(input);
  }

  @Test
  void shouldTakeInputFromAFile() throws Exception {
    Path file = Files.writeString(directory.resolve("in"), "from a file");

    assertThat(Command.of("cat").stdin(Stdio.from(file)).run().text()).isEqualTo("from a file");
  }

  @Test
  void shouldIgnoreAProgramThatDoesNotReadItsInput() throws Exception {
    assertThat(shell("exit 0").stdin(Stdio.bytes(bytes(1_000_000))).run().isSuccess()).isTrue();
  }

  @Test
  void shouldHaveAnEmptyInputIfNoneIsGiven() throws Exception {
    assertThat(Command.of("cat").run().text()).isEmpty();
    assertThatThrownBy(() -> Command.of("cat").stdin(Stdio.STREAM).run())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldStopWhatTakesTooLong() {
    long startNanos = System.nanoTime();

    assertThatThrownBy(
            () -> shell("echo begun; exec sleep 100").timeout(Duration.ofMillis(300)).run())
        .isInstanceOfSatisfying(
            SubprocessTimeoutException.class,
            e -> {
              assertThat(e.result().status().returnCode()).isEqualTo(-15);
              assertThat(e.result().text()).isEqualTo("begun\n");
            })
        .hasMessageContaining("was stopped after 300 ms");
    assertThat(System.nanoTime() - startNanos)
        .isBetween(300_000_000L, Duration.ofSeconds(30).toNanos());
  }

  @Test
  void shouldKillWhatDoesNotStop() {
    Command deaf =
        shell("trap '' TERM; echo deaf; while :; do sleep 0.1; done")
            .escalation(Escalation.signal(Signal.TERM).then(Duration.ofMillis(200), Signal.KILL))
            .timeout(Duration.ofMillis(300));

    assertThatThrownBy(deaf::run)
        .isInstanceOfSatisfying(
            SubprocessTimeoutException.class,
            e -> assertThat(e.result().status().returnCode()).isEqualTo(-9));
  }

  @Test
  void shouldStopTheWholeGroupOnATimeout() {
    // The shell does not exec its last command while it has a trap; sleep is its child.
    Command command =
        shell("trap : USR1; sleep 1000; echo never").ownGroup().timeout(Duration.ofMillis(200));

    assertThatThrownBy(command::run)
        .isInstanceOfSatisfying(
            SubprocessTimeoutException.class, e -> assertThat(e.result().heldBy()).isEmpty());
  }

  @Test
  void shouldNotWaitForAGrandchildThatHoldsTheOutput() throws Exception {
    Result result =
        shell("sleep 1000 & echo $!").output(OutputEnd.untilExit(Duration.ofMillis(50))).run();

    long grandchild = Long.parseLong(result.text().strip());
    assertThat(result.heldBy()).containsExactly(grandchild);
    assertThat(result.status().wallTime()).isLessThan(Duration.ofSeconds(30));
    assertThat(ProcessHandle.of(grandchild).orElseThrow().destroyForcibly()).isTrue();
  }

  @Test
  void shouldWaitForAGrandchildIfToldTo() throws Exception {
    Result result = shell("(sleep 0.3; echo late) & echo early").output(OutputEnd.untilEof()).run();

    assertThat(result.text()).isEqualTo("early\nlate\n");
    assertThat(result.heldBy()).isEmpty();
  }

  /* The error is thrown on the thread of the loop; whoever waits for the run must hear of it all the same. */
  @Test
  void shouldFailIfTheHeapHasNoRoomForTheOutput() throws Exception {
    Result result =
        OtherJvm.command(LargeOutput.class)
            .environment("JDK_JAVA_OPTIONS", "-Xmx32m")
            .timeout(Kit.LIMIT)
            .run();

    assertThat(result.text())
        .matches("no room to keep it\nno room to read it: .*OutOfMemoryError.*\ngoes on\n");
  }

  @Test
  void shouldFailOnTooMuchOutput() {
    assertThatThrownBy(() -> Command.of("yes").capture(Capture.failBeyond(100_000)).run())
        .isInstanceOfSatisfying(
            OutputLimitException.class,
            e -> assertThat(e.result().stdout().bytes()).hasSize(100_000))
        .hasMessageContaining("100000");
  }

  @Test
  void shouldKeepTheBeginning() throws Exception {
    Output output = numbers(Capture.truncateBeyond(10));

    assertThat(output.text()).isEqualTo("1\n2\n3\n4\n5\n");
    assertThat(output.droppedBytes()).isEqualTo(588_895 - 10);
  }

  @Test
  void shouldKeepTheBeginningAndTheEnd() throws Exception {
    Output output = numbers(Capture.headAndTail(4, 7));

    assertThat(output.text()).isEqualTo("1\n2\n100000\n");
    assertThat(output.droppedBytes()).isEqualTo(588_895 - 11);
    assertThat(shell("printf 12345678").capture(Capture.headAndTail(4, 7)).run().text())
        .isEqualTo("12345678");
  }

  @Test
  void shouldSpillToAFile() throws Exception {
    Path file = directory.resolve("spill");

    Output output = numbers(Capture.spillBeyond(1000, file));

    assertThat(output.file()).contains(file);
    assertThat(Files.size(file)).isEqualTo(588_895);
    assertThat(Files.readString(file)).startsWith("1\n2\n3\n").endsWith("99999\n100000\n");
    assertThat(shell("echo few").captureStdout(Capture.spillBeyond(1000, file)).run().text())
        .isEqualTo("few\n");
  }

  @Test
  void shouldStopWhatIsCancelled() {
    CompletableFuture<Result> run = Command.of("sleep", "1000").stdout(Stdio.DISCARD).runAsync();
    List<Long> before = children();
    assertThat(before).isNotEmpty();

    assertThat(run.cancel(true)).isTrue();

    before.forEach(pid -> ProcessHandle.of(pid).ifPresent(p -> get(p.onExit())));
  }

  @Test
  void shouldStopWhenInterrupted() throws Exception {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread runner =
        Thread.ofVirtual()
            .start(() -> {
              try {
                Command.of("sleep", "1000").run();
              } catch (Throwable e) {
                thrown.set(e);
              }
            });
    while (children().isEmpty()) {
      Thread.onSpinWait();
    }

    runner.interrupt();
    runner.join();

    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    children().forEach(pid -> ProcessHandle.of(pid).ifPresent(p -> get(p.onExit())));
  }

  @Test
  void shouldFailTheFutureOfWhatCannotBeStarted() {
    assertThat(failure(Command.of("/no/program").runAsync())).isInstanceOf(SpawnException.class);
  }

  private static List<Long> children() {
    return ProcessHandle.current().children().map(ProcessHandle::pid).toList();
  }

  private static Output numbers(Capture capture) throws Exception {
    return Command.of("seq", "100000").capture(capture).run().stdout();
  }
}
