package dev.tine.benchmarks.stress;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Fork;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.JvmFork;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/** The life of a child: it checks what it has inherited and what it can do, and ends as planned. */
final class ChildLife {
  private static final int TURNS = 300_000;
  private static final long SUM = new Template().applyAsLong(TURNS);

  private final Heirloom heirloom;
  private final Background background;
  private final Optional<Crowd> crowd;
  private final List<Future<Long>> inFlight;

  /**
   * @param inFlight results that the pool was working for at the fork, each {@link #work}'s
   */
  ChildLife(
      Heirloom heirloom,
      Background background,
      Optional<Crowd> crowd,
      List<Future<Long>> inFlight) {
    this.heirloom = heirloom;
    this.background = background;
    this.crowd = crowd;
    this.inFlight = inFlight;
  }

  /** Work for a pool. */
  static long work() {
    return new Template().applyAsLong(TURNS);
  }

  /** Ends the process. */
  void live(Plan plan) {
    try {
      check(plan);
      end(plan);
    } catch (TimeoutException e) {
      // Not over yet: the parent finds it hanging, and can look at it alive.
      System.err.printf("fork %d hangs: %s%n", plan.number(), e.getMessage());
      sleep();
    } catch (Throwable e) {
      Home.wrong(plan.toString(), e);
    }
  }

  /** Checks the copy of everything; what does not go on is a {@link TimeoutException}. */
  void check(Plan plan) throws Exception {
    Random random = new Random(plan.number());
    note(plan, "data");
    heirloom.check();
    note(plan, "memory");
    if (plan.collects()) {
      System.gc();
    }
    allocate(plan.brief() ? 500 : 2000);
    note(plan, "pools");
    for (Future<Long> result : inFlight) {
      expect(SUM, get(result));
    }
    expect(SUM, get(background.pool.submit(ChildLife::work)));
    expect(19_999_900_000L, get(background.pool.submit(ChildLife::sumInParallel)));
    note(plan, "background");
    background.checkGoesOn(random);
    if (crowd.isPresent()) {
      note(plan, "crowd");
      crowd.get().checkGoesOn();
    }
    note(plan, "threads");
    startThreads();
    if (!plan.brief()) {
      note(plan, "classes");
      Template.checkJar();
      expect(SUM, Template.fresh().applyAsLong(TURNS));
      if (random.nextInt(4) == 0) {
        note(plan, "process");
        Background.startProcess();
      }
    }
    note(plan, "data again");
    heirloom.check();
  }

  private void end(Plan plan) throws Exception {
    note(plan, plan.ending().sleeps() ? Plan.ASLEEP : "end");
    switch (plan.ending()) {
      case EXIT -> System.exit(plan.code());
      case HALT -> Runtime.getRuntime().halt(plan.code());
      case KILLED, TERMINATED -> sleep();
      case PASSED_ON -> {
        switch (JvmFork.fork()) {
          case Fork.Child() -> live(plan.ofGrandchild());
          case Fork.Parent(ForkedProcess child) -> passOn(child);
        }
      }
    }
  }

  private static void passOn(ForkedProcess child) throws InterruptedException, TimeoutException {
    Optional<ExitStatus> status = child.waitFor(Pulse.LIMIT);
    if (status.isEmpty()) {
      throw new TimeoutException("its child, process " + child.pid());
    }
    if (status.get() instanceof ExitStatus.Exited(int code)) {
      System.exit(code);
    }
    throw new IllegalStateException("its child, process " + child.pid() + ", " + status.get());
  }

  private static void allocate(int pieces) {
    List<byte[]> kept = new ArrayList<>();
    for (int i = 0; i < pieces; i++) {
      byte[] piece = new byte[8192];
      piece[i % piece.length] = (byte) i;
      if (i % 4 == 0) {
        kept.add(piece);
      }
    }
    for (int i = 0; i < kept.size(); i++) {
      expect((byte) (4 * i), kept.get(i)[4 * i]);
    }
  }

  private static void startThreads() throws Exception {
    long[] result = new long[1];
    Thread thread = Thread.ofPlatform().start(() -> result[0] = work());
    if (!thread.join(Pulse.LIMIT)) {
      throw new TimeoutException("a new thread");
    }
    expect(SUM, result[0]);
    try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> results = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        int number = i;
        results.add(
            each.submit(() -> {
              Thread.sleep(1);
              return number;
            }));
      }
      for (int i = 0; i < results.size(); i++) {
        expect(i, get(results.get(i)));
      }
    }
  }

  private static long sumInParallel() {
    return IntStream.range(0, 200_000).parallel().asLongStream().sum();
  }

  private static <T> T get(Future<T> future) throws Exception {
    try {
      return future.get(Pulse.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new TimeoutException("a pool does not deliver");
    }
  }

  private static void expect(long expected, long actual) {
    if (actual != expected) {
      throw new IllegalStateException("%d instead of %d".formatted(actual, expected));
    }
  }

  private static void note(Plan plan, String step) throws IOException {
    Files.writeString(plan.notes(), step);
  }

  private static void sleep() {
    try {
      Thread.sleep(Duration.ofMinutes(2)); // if the parent is no more
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(Home.WRONG);
  }
}
