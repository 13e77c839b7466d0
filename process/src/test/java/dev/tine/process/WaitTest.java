package dev.tine.process;

import static dev.tine.process.Kit.get;
import static dev.tine.process.Stdio.STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Threads that wait for an end, which each may do in place of the loop. */
final class WaitTest {
  private static final Command CAT = Command.of("cat").stdin(STREAM).stdout(Stdio.DISCARD);

  @Test
  void shouldBeInterruptedBeforeAndWhileItWaits() throws Exception {
    try (Subprocess cat = CAT.start()) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(cat::waitFor).isInstanceOf(InterruptedException.class);
      assertThat(Thread.interrupted()).isFalse();
      Waiter waiter = Waiter.start(cat);
      waiter.awaitWait();
      waiter.thread.interrupt();

      assertThat(Kit.failure(waiter.end)).isInstanceOf(InterruptedException.class);

      // The loop has taken over again.
      cat.stdin().close();
      assertThat(get(cat.exit()).isSuccess()).isTrue();
    }
  }

  @Test
  void shouldTellAllWhoWait() throws Exception {
    for (int round = 0; round < 20; round++) {
      try (Subprocess cat = CAT.start()) {
        List<Waiter> waiters = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
          waiters.add(Waiter.start(cat));
        }
        CompletableFuture<ExitStatus> exit = cat.exit();
        cat.stdin().close();

        for (Waiter waiter : waiters) {
          assertThat(get(waiter.end).isSuccess()).isTrue();
        }
        assertThat(get(exit).isSuccess()).isTrue();
      }
    }
  }

  @Test
  void shouldCallOnTheLoopWhoeverWaits() throws Exception {
    EventLoop loop = EventLoop.open("callbacks", EventLoop.ON_LOOP);
    for (int round = 0; round < 20; round++) {
      try (Subprocess cat = CAT.loop(loop).start()) {
        Waiter waiter = Waiter.start(cat);
        waiter.awaitWait();
        CompletableFuture<String> place = new CompletableFuture<>();
        cat.onExit(status -> place.complete(Thread.currentThread().getName()));

        cat.stdin().close();

        assertThat(get(place)).isEqualTo("callbacks");
        assertThat(get(waiter.end).isSuccess()).isTrue();
      }
    }
    loop.close();
    get(loop.terminated());
  }

  @Test
  void shouldWaitForALoopThatIsToldToClose() throws Exception {
    EventLoop loop = EventLoop.open("closing");
    Subprocess cat = CAT.loop(loop).start();
    Waiter waiter = Waiter.start(cat);
    waiter.awaitWait();
    loop.close();
    cat.stdin().close();

    assertThat(get(waiter.end).isSuccess()).isTrue();
    get(loop.terminated());
  }

  @Test
  void shouldWaitNoLongerAndNoShorterThanItIsTold() throws Exception {
    try (Subprocess cat = CAT.start()) {
      long beginNanos = System.nanoTime();
      assertThat(cat.waitFor(Duration.ofMillis(30))).isEmpty();
      assertThat(System.nanoTime() - beginNanos).isGreaterThanOrEqualTo(30_000_000);
      assertThat(cat.waitFor(Duration.ZERO)).isEmpty();
      assertThat(cat.waitFor(Duration.ofSeconds(-1))).isEmpty();
      cat.stdin().close();
      assertThat(cat.waitFor(Kit.LIMIT).orElseThrow().isSuccess()).isTrue();
      assertThat(cat.waitFor(Duration.ZERO)).isPresent();
    }
  }

  @Test
  void shouldLeaveNoDescriptor() throws Exception {
    CAT.stdin(Stdio.DISCARD).start().waitFor();
    int before = Footprint.descriptors();

    for (int i = 0; i < 50; i++) {
      CAT.stdin(Stdio.DISCARD).start().waitFor();
    }

    assertThat(Footprint.descriptors()).isLessThanOrEqualTo(before);
  }

  private record Waiter(Thread thread, CompletableFuture<ExitStatus> end) {
    static Waiter start(Subprocess subprocess) {
      CompletableFuture<ExitStatus> end = new CompletableFuture<>();
      Thread thread =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  end.complete(subprocess.waitFor());
                } catch (InterruptedException e) {
                  end.completeExceptionally(e);
                }
              });
      return new Waiter(thread, end);
    }

    /** Until it is in the wait: on its way there it is in Java code of this project. */
    void awaitWait() {
      long deadlineNanos = System.nanoTime() + Kit.LIMIT.toNanos();
      while (!isWaiting()) {
        assertThat(System.nanoTime()).isLessThan(deadlineNanos);
        Thread.onSpinWait();
      }
    }

    private boolean isWaiting() {
      for (StackTraceElement frame : thread.getStackTrace()) {
        if (frame.getClassName().equals(ThreadWait.class.getName())
            && frame.getMethodName().equals("await")) {
          return true;
        }
      }
      return false;
    }
  }
}
