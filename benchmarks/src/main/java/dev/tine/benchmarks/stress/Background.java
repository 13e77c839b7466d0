package dev.tine.benchmarks.stress;

import dev.tine.sys.Pidfd;
import java.io.IOException;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** What a JVM is busy with while it is forked, and goes on with in each child. */
final class Background {
  /** How many of many threads of a kind a child looks at. */
  private static final int SAMPLE = 8;

  private static final int TURNS = 50_000;

  final ExecutorService pool = Executors.newFixedThreadPool(4, daemons("pool"));
  private final ScheduledExecutorService timers =
      Executors.newScheduledThreadPool(2, daemons("timer"));
  private final Ledger ledger = new Ledger();
  private final List<Pulse> checked = new ArrayList<>();
  private final List<Pulse> virtual = new ArrayList<>();
  private final List<IdleThread> idle = new ArrayList<>();
  private final List<ScheduledFuture<?>> ticking;
  private volatile Object garbage = "";

  Background(int idleThreads, int virtualThreads, boolean brief) throws IOException {
    Runnable atRate = checked("timer at a rate")::beat;
    Runnable withDelay = checked("timer with a delay")::beat;
    ticking =
        List.of(
            timers.scheduleAtFixedRate(atRate, 5, 5, TimeUnit.MILLISECONDS),
            timers.scheduleWithFixedDelay(withDelay, 5, 5, TimeUnit.MILLISECONDS));
    int rarely = brief ? 10 : 1;
    for (int i = 0; i < 2; i++) {
      repeat(checked("allocating thread " + i), 8 * rarely, this::allocate);
      repeat(checked("booking thread " + i), 3, () -> ledger.book(1));
    }
    repeat(checked("thread that starts threads"), 10, Background::startThread);
    repeat(checked("thread that reads the jar"), 20, Template::checkJar);
    Selector selector = Selector.open();
    repeat(checked("selecting thread"), 0, () -> selector.select());
    repeat(checked("thread that wakes a selector"), 10, () -> selector.wakeup());
    // Too slow for a child to wait for; it does the same itself.
    repeat(
        new Pulse("thread that loads classes"),
        50 * rarely,
        () -> garbage = Template.fresh().applyAsLong(TURNS));
    repeat(new Pulse("thread that starts processes"), 100 * rarely, Background::startProcess);
    repeat(new Pulse("thread that collects"), 700 * rarely, System::gc);
    startVirtualThreads(virtualThreads);
    for (int i = 0; i < idleThreads; i++) {
      idle.add(new IdleThread(i));
    }
  }

  /** Waits until everything has gone on. A timeout names what has not. */
  void checkGoesOn(Random random) throws TimeoutException, InterruptedException {
    ledger.check();
    if (ticking.stream().anyMatch(ScheduledFuture::isDone)) {
      throw new IllegalStateException("a timer is over");
    }
    List<Pulse> pulses = new ArrayList<>(checked);
    for (int i = 0; i < SAMPLE && !virtual.isEmpty(); i++) {
      pulses.add(virtual.get(random.nextInt(virtual.size())));
    }
    List<Long> before = pulses.stream().map(pulse -> pulse.count().get()).toList();
    for (int i = 0; i < SAMPLE && !idle.isEmpty(); i++) {
      idle.get(random.nextInt(idle.size())).wake();
    }
    for (int i = 0; i < pulses.size(); i++) {
      pulses.get(i).awaitAfter(before.get(i));
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private Pulse checked(String name) {
    Pulse pulse = new Pulse(name);
    checked.add(pulse);
    return pulse;
  }

  private static void repeat(Pulse pulse, int pauseMillis, Step step) {
    Thread.ofPlatform()
        .daemon()
        .name(pulse.name())
        .start(() -> {
          try {
            while (true) {
              step.run();
              pulse.beat();
              Thread.sleep(pauseMillis);
            }
          } catch (Exception e) {
            Home.wrong(pulse.name(), e);
          }
        });
  }

  /* They wake up less often the more there are, or the children would get no time. */
  private void startVirtualThreads(int count) {
    long pauseNanos = Math.max(50_000_000L, count * 200_000L);
    for (int i = 0; i < count; i++) {
      Pulse pulse = new Pulse("virtual thread " + i);
      virtual.add(pulse);
      int kind = i % 3;
      Random random = new Random(i);
      Thread.ofVirtual()
          .name(pulse.name())
          .start(() -> {
            while (true) {
              switch (kind) {
                case 0 -> LockSupport.parkNanos(random.nextLong(pauseNanos));
                case 1 -> ledger.book(1);
                default -> Thread.onSpinWait();
              }
              LockSupport.parkNanos(pauseNanos / 2 + random.nextLong(pauseNanos));
              pulse.beat();
            }
          });
    }
  }

  private void allocate() {
    byte[][] pieces = new byte[64][];
    for (int i = 0; i < pieces.length; i++) {
      pieces[i] = new byte[4096];
    }
    garbage = pieces;
  }

  private static void startThread() throws InterruptedException {
    Thread.ofPlatform().name("short-lived").start(() -> {}).join();
  }

  /** Starts a process and waits for it. */
  static void startProcess() throws IOException, InterruptedException {
    int parent = Pidfd.self();
    try {
      int status = new ProcessBuilder("true").start().waitFor();
      if (status != 0 && Pidfd.self() == parent) {
        throw new IOException("true has exited with " + status);
      }
    } catch (IOException | IllegalStateException e) {
      // It was being started when its parent was forked: it is not a child of the fork, which
      // cannot know of it.
      if (Pidfd.self() == parent) {
        throw e;
      }
    }
  }

  private static ThreadFactory daemons(String name) {
    return Thread.ofPlatform().daemon().name(name + "-", 0).factory();
  }
}
