package dev.tine.process;

import static dev.tine.process.Kit.failure;
import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.shell;
import static dev.tine.process.Kit.text;
import static dev.tine.process.Stdio.DISCARD;
import static dev.tine.process.Stdio.STDOUT;
import static dev.tine.process.Stdio.STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The behaviours of tornado/test/process_test.py, SubprocessTest. */
final class TornadoSubprocessTest {

  @Test
  void shouldConverse() {
    Command shell =
        Command.of("sh", "-c", "while printf '>>> ' && read -r line; do eval \"$line\"; done");
    try (Subprocess p = shell.stdin(STREAM).stdout(STREAM).stderr(STDOUT).start()) {
      get(p.stdout().readUntil(">>> "));
      get(p.stdin().write("echo hello\n"));

      assertThat(text(p.stdout().readUntil("\n"))).isEqualTo("hello\n");
      get(p.stdout().readUntil(">>> "));
      get(p.stdin().write("exit 0\n"));
      assertThat(text(p.stdout().readUntilClose())).isEmpty();
    }
  }

  @Test
  void shouldSeeTheEndOfItsInput() {
    try (Subprocess p = Command.of("cat").stdin(STREAM).stdout(STREAM).start()) {
      get(p.stdin().write("last words"));

      p.stdin().close();

      assertThat(text(p.stdout().readUntilClose())).isEqualTo("last words");
      assertThat(get(p.exit()).isSuccess()).isTrue();
    }
  }

  @Test
  void shouldReadStderr() {
    try (Subprocess p = shell("echo hello >&2").stderr(STREAM).start()) {
      assertThat(text(p.stderr().readUntil("\n"))).isEqualTo("hello\n");
      assertThat(get(p.exit()).returnCode()).isZero();
    }
  }

  @Test
  void shouldCallBackOnExit() throws Exception {
    Subprocess p = Command.of("true").start();
    CompletableFuture<ExitStatus> told = new CompletableFuture<>();

    p.onExit(told::complete);

    assertThat(get(told)).isInstanceOf(ExitStatus.Exited.class).matches(ExitStatus::isSuccess);
    assertThat(p.returnCode()).hasValue(0);
  }

  @Test
  void shouldCallBackEveryoneAlsoAfterTheEnd() throws Exception {
    Subprocess p = Command.of("true").start();
    get(p.exit());
    CountDownLatch told = new CountDownLatch(3);

    p.onExit(status -> told.countDown());
    p.onExit(status -> told.countDown());
    p.onExit(status -> told.countDown(), Runnable::run);

    assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void shouldAnswerWithAFuture() {
    assertThat(get(Command.of("true").start().waitForExit()).returnCode()).isZero();
  }

  @Test
  void shouldHaveTheNegativeSignalForAReturnCode() {
    Subprocess p = Command.of("sleep", "1000").start();

    assertThat(p.returnCode()).isEmpty();
    assertThat(p.signal(Signal.TERM)).isTrue();

    assertThat(get(p.exit()).returnCode()).isEqualTo(-15);
    assertThat(p.returnCode()).hasValue(-15);
    assertThat(p.signal(Signal.TERM)).isFalse();
  }

  @Test
  void shouldFailOnAnyOtherEndIfAskedTo() {
    Subprocess p = shell("exit 7").stdin(DISCARD).start();

    assertThat(failure(p.waitForExit()))
        .isInstanceOfSatisfying(
            CommandFailedException.class, e -> assertThat(e.status().returnCode()).isEqualTo(7))
        .hasMessageContaining("exited with status 7");
    assertThat(get(p.exit()).returnCode()).isEqualTo(7);
  }

  @Test
  void shouldStartAndStopTheSharedLoopAnyNumberOfTimes() {
    Subprocess.initialize();
    Subprocess.initialize();
    EventLoop first = EventLoop.shared();
    Subprocess running = Command.of("cat").stdin(STREAM).stdout(STREAM).start();

    Subprocess.uninitialize();
    Subprocess.uninitialize();

    assertThat(first.isClosed()).isTrue();
    assertThat(get(Command.of("true").start().exit()).isSuccess()).isTrue();
    assertThat(EventLoop.shared()).isNotSameAs(first);
    // What it has it keeps.
    get(running.stdin().write("x"));
    assertThat(text(running.stdout().readBytes(1))).isEqualTo("x");
    running.close();
    get(first.terminated());
  }

  @Test
  void shouldStartWhileTheSharedLoopIsReplaced() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    Thread closer =
        Thread.ofPlatform()
            .start(() -> {
              while (!enough.get()) {
                Subprocess.uninitialize();
                Thread.onSpinWait();
              }
            });
    try {
      for (int i = 0; i < 200; i++) {
        Subprocess p = Command.of("echo", "x").stdout(STREAM).start();
        assertThat(text(p.stdout().readUntilClose())).isEqualTo("x\n");
        assertThat(get(p.exit()).isSuccess()).isTrue();
        p.close();
      }
    } finally {
      enough.set(true);
      closer.join();
    }
  }

  @Test
  void shouldUseSeveralLoops() {
    try (EventLoop one = EventLoop.open("one");
        EventLoop two = EventLoop.open("two", EventLoop.ON_LOOP)) {
      CompletableFuture<String> place = new CompletableFuture<>();
      Subprocess p = Command.of("sleep", "0.05").loop(two).start();
      p.onExit(status -> place.complete(Thread.currentThread().getName()));

      assertThat(get(place)).isEqualTo("two");
      assertThat(get(Command.of("true").loop(one).start().exit()).isSuccess()).isTrue();
    }
  }
}
