package dev.tine.process;

import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.shell;
import static dev.tine.process.Kit.text;
import static dev.tine.process.Stdio.STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What one subprocess, or the code for it, does to others on the same loop. */
final class NeighboursTest {
  private static final Command CAT = Command.of("cat").stdin(STREAM).stdout(STREAM);

  @Test
  void shouldNotBeHarmedByACallbackThatThrows() {
    for (EventLoop loop :
        new EventLoop[] {EventLoop.shared(), EventLoop.open("throwing", EventLoop.ON_LOOP)}) {
      Subprocess bad = CAT.loop(loop).start();
      bad.onExit(status -> {
        throw new IllegalStateException("expected in the log");
      });
      var _ =
          bad.stdout()
              .readBytes(1)
              .thenAccept(bytes -> {
                throw new IllegalStateException("in a future");
              });
      bad.stdout()
          .onClose(() -> {
            throw new AssertionError("expected in the log");
          });
      get(bad.stdin().write("x"));
      bad.close();

      assertEcho(loop);
    }
    assertThat(EventLoop.shared().isClosed()).isFalse();
  }

  @Test
  void shouldNotBeHarmedByACallbackThatWaits() {
    CountDownLatch never = new CountDownLatch(1);
    Subprocess waiting = CAT.start();
    CompletableFuture<Void> waits = new CompletableFuture<>();
    var _ =
        waiting
            .stdout()
            .readBytes(1)
            .thenRun(() -> {
              waits.complete(null);
              await(never);
            });
    get(waiting.stdin().write("x"));
    get(waits);

    assertEcho(EventLoop.shared());

    never.countDown();
    waiting.close();
  }

  @Test
  void shouldNotBeHarmedByACallbackThatWaitsForItsOwnStream() {
    try (Subprocess p = CAT.start()) {
      CompletableFuture<String> whole = new CompletableFuture<>();
      p.onExit(status ->
          whole.complete(new String(p.stdout().readUntilClose().join(), StandardCharsets.UTF_8)));
      get(p.stdin().write("rest"));
      p.stdin().close();

      assertThat(get(whole)).isEqualTo("rest");
    }
  }

  @Test
  void shouldNotBeHarmedByAnOutputThatNobodyReads() throws Exception {
    Subprocess unread = Command.of("yes").stdout(STREAM).start();

    assertEcho(EventLoop.shared());
    long before = processorTicks(unread);
    for (int i = 0; i < 20; i++) {
      assertEcho(EventLoop.shared());
    }

    assertThat(processorTicks(unread) - before).isLessThanOrEqualTo(2); // it waits
    assertThat(unread.stdout().buffered()).isZero();
    unread.close();
  }

  @Test
  void shouldReadAnEndlessOutputInConstantMemory() {
    try (Subprocess yes = Command.of("yes").stdout(STREAM).start()) {
      long total = 0;
      while (total < 200_000_000) {
        total += get(yes.stdout().readSome(1 << 20)).length;
        assertThat(yes.stdout().buffered()).isLessThanOrEqualTo(EventLoop.READ_CHUNK_BYTES);
      }
    }
  }

  @Test
  void shouldMeasureWhatACallbackOnTheLoopCosts() {
    EventLoop loop = EventLoop.open("late", EventLoop.ON_LOOP);
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(() -> {
      long begin = System.nanoTime();
      while (System.nanoTime() - begin < 20_000_000) {
        Thread.onSpinWait();
      }
    });
    loop.execute(() -> loop.execute(() -> done.complete(null)));
    get(done);

    assertThat(loop.maxLateness()).isGreaterThanOrEqualTo(Duration.ofMillis(20));
    loop.close();
    get(loop.terminated());
  }

  @Test
  void shouldSurviveAnExecutorThatRefuses() {
    EventLoop loop =
        EventLoop.open(
            "refusing",
            task -> {
              throw new RejectedExecutionException("expected in the log");
            });
    assertThat(get(shell("exit 0").loop(loop).runAsync()).isSuccess()).isTrue();
    assertEcho(EventLoop.shared());
    loop.close();
    get(loop.terminated());
  }

  private static void assertEcho(EventLoop loop) {
    try (Subprocess cat = CAT.loop(loop).start()) {
      get(cat.stdin().write("hello"));
      assertThat(text(cat.stdout().readBytes(5))).isEqualTo("hello");
      cat.stdin().close();
      assertThat(get(cat.exit()).isSuccess()).isTrue();
    }
  }

  private static long processorTicks(Subprocess p) throws Exception {
    String[] stat =
        Files.readString(Path.of("/proc/" + p.pid() + "/stat"))
            .replaceFirst(".*\\) ", "")
            .split(" ", -1);
    return Long.parseLong(stat[11]) + Long.parseLong(stat[12]);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
