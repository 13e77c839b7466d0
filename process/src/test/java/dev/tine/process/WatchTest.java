package dev.tine.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.sys.FileCall;
import dev.tine.sys.Poller;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How often a loop hears of a pipe that has ended, and that nobody reads. */
final class WatchTest {
  private static final int ROUNDS = 20;

  private final EventLoop loop = EventLoop.open("watch-test", EventLoop.ON_LOOP);

  @AfterEach
  void end() throws Exception {
    loop.close();
    loop.terminated().get(10, TimeUnit.SECONDS);
  }

  @Test
  void shouldHearOnce() throws Exception {
    assertThat(heard(watch -> watch.arm(Poller.READABLE), watch -> {})).isOne();
  }

  @Test
  void shouldHearEachTimeUntilItIsUnwanted() throws Exception {
    assertThat(heard(watch -> watch.armLasting(Poller.READABLE), watch -> {}))
        .isGreaterThanOrEqualTo(ROUNDS);
    // Of a hang-up the kernel tells once more.
    assertThat(heard(watch -> watch.armLasting(Poller.READABLE), Watch::unwanted)).isBetween(1, 2);
  }

  @Test
  void shouldHearOnceAfterItWasUnwanted() throws Exception {
    int count =
        heard(
            watch -> {
              watch.armLasting(Poller.READABLE);
              watch.unwanted();
              watch.armLasting(Poller.READABLE);
            },
            watch -> {});

    assertThat(count).isOne();
  }

  private interface Step {
    void of(Watch watch);
  }

  private int heard(Step begin, Step ready) throws Exception {
    FileCall.Pipe pipe = FileCall.pipe();
    AtomicInteger count = new AtomicInteger();
    AtomicReference<Watch> watch = new AtomicReference<>();
    CompletableFuture<Void> first = new CompletableFuture<>();
    watch.set(
        loop.watch(
            pipe.readFd(),
            new Watch.User(
                events -> {
                  count.incrementAndGet();
                  ready.of(watch.get());
                  first.complete(null);
                },
                () -> {})));
    begin.of(watch.get());
    FileCall.close(pipe.writeFd());
    first.get(10, TimeUnit.SECONDS);
    for (int i = 0; i < ROUNDS; i++) {
      CompletableFuture<Void> round = new CompletableFuture<>();
      loop.execute(() -> round.complete(null));
      round.get(10, TimeUnit.SECONDS);
    }
    watch.get().close();
    return count.get();
  }
}
