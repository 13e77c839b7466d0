package dev.tine.benchmarks.stress;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What a large server has open: {@value #SELECTORS} selectors, 2,000 sockets, timers, Netty. */
final class Crowd {
  private static final int SELECTORS = 200;
  private static final int THREADS = 4;
  private static final int TIMERS = 50;

  private final List<Pulse> rounds = new ArrayList<>();
  private final List<Pulse> ticks = new ArrayList<>();
  private final List<ScheduledFuture<?>> timers = new ArrayList<>();
  private final NettyEcho netty;

  Crowd() throws Exception {
    for (int i = 0; i < THREADS; i++) {
      List<SocketGroup> share = new ArrayList<>();
      for (int k = 0; k < SELECTORS / THREADS; k++) {
        share.add(SocketGroup.open());
      }
      Pulse pulse = new Pulse("thread with " + share.size() + " selectors, number " + i);
      rounds.add(pulse);
      Thread.ofPlatform().daemon().name(pulse.name()).start(() -> serve(share, pulse));
    }
    ScheduledExecutorService scheduler =
        Executors.newScheduledThreadPool(
            2, Thread.ofPlatform().daemon().name("crowd-", 0).factory());
    for (int i = 0; i < TIMERS; i++) {
      Pulse pulse = new Pulse("timer " + i + " of the crowd");
      ticks.add(pulse);
      timers.add(scheduler.scheduleAtFixedRate(pulse::beat, 1, 20 + 5L * i, TimeUnit.MILLISECONDS));
    }
    netty = new NettyEcho();
  }

  /** Goes round its selectors for ever; each round is a beat. */
  private static void serve(List<SocketGroup> share, Pulse pulse) {
    try {
      while (true) {
        for (SocketGroup group : share) {
          group.exchange();
        }
        pulse.beat();
        Thread.sleep(5);
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      Home.wrong(pulse.name(), e);
    }
  }

  /** Waits until all of it has gone on: every selector, every timer, Netty. */
  void checkGoesOn() throws Exception {
    if (timers.stream().anyMatch(ScheduledFuture::isDone)) {
      throw new IllegalStateException("a timer of the crowd is over");
    }
    List<Long> ticked = ticks.stream().map(pulse -> pulse.count().get()).toList();
    awaitWholeRounds();
    for (int i = 0; i < TIMERS; i++) {
      ticks.get(i).awaitAfter(ticked.get(i));
    }
    netty.check();
  }

  private void awaitWholeRounds() throws TimeoutException, InterruptedException {
    List<Long> before = rounds.stream().map(pulse -> pulse.count().get()).toList();
    for (int i = 0; i < THREADS; i++) {
      rounds.get(i).awaitAfter(before.get(i)); // the end of the round that was under way
      rounds.get(i).awaitAfter(before.get(i) + 1);
    }
  }
}
