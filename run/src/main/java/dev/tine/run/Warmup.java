package dev.tine.run;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Requests to a program before it is frozen, so that its workers begin with compiled code. */
final class Warmup {
  private static final Duration WINDOW = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final Duration REQUEST_LIMIT = Duration.ofSeconds(10);
  private static final int CLIENTS = 4;

  private static final Duration SETTLE = Duration.ofMillis(200);
  private static final Duration COMPILERS_LIMIT = Duration.ofSeconds(20);

  private final int pid;
  private final InetSocketAddress address;
  private final WarmupOptions options;
  private final List<String> paths;
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicInteger errors = new AtomicInteger();
  private final AtomicLong endNanos = new AtomicLong(Long.MAX_VALUE);
  private final AtomicReference<String> failure = new AtomicReference<>("");

  /**
   * What it came to.
   *
   * @param errors answers of 500 and more
   * @param perSecond at the end
   * @param failure why it ended early; empty: it did not
   */
  record Result(int requests, int errors, long perSecond, Duration time, Optional<String> failure) {
    /** Nothing was done. */
    static Result none(String failure) {
      return new Result(0, 0, 0, Duration.ZERO, Optional.of(failure));
    }
  }

  /**
   * @param pid of the program
   */
  Warmup(int pid, InetSocketAddress address, WarmupOptions options, List<String> paths) {
    this.pid = pid;
    this.address = address;
    this.options = options;
    this.paths = paths;
  }

  /**
   * Sends requests until it is time; blocks.
   *
   * @param progress is told how it goes, again and again
   */
  Result run(Consumer<String> progress) {
    long begin = System.nanoTime();
    List<Thread> clients =
        IntStream.range(0, CLIENTS)
            .mapToObj(i -> Background.start("tine-warmup-" + i, this::client))
            .flatMap(Optional::stream) // with fewer it takes longer
            .toList();
    if (clients.isEmpty()) {
      return Result.none(Background.NO_THREAD);
    }
    long rate = 0;
    try {
      var flatness = new Flatness();
      boolean isDone = false;
      while (!isDone) {
        int before = done.get();
        var used = ProcessSample.of(pid);
        boolean ended = join(clients, WINDOW);
        rate = Math.round((done.get() - before) * 1e9 / WINDOW.toNanos());
        double compilers = ProcessSample.of(pid).compilersSince(used);
        Duration elapsed = Duration.ofNanos(System.nanoTime() - begin);
        progress.accept(
            "warming: %d requests in %.0f s, %d/s, compilers at %.0f %%"
                .formatted(done.get(), elapsed.toMillis() / 1e3, rate, compilers * 100));
        isDone = ended || isEnough(elapsed, flatness.add((double) rate, compilers));
      }
      endNanos.set(System.nanoTime());
      join(clients, REQUEST_LIMIT);
      awaitCompilers(progress);
    } catch (InterruptedException e) {
      endNanos.set(System.nanoTime());
    }
    String why = failure.get();
    return new Result(
        done.get(),
        errors.get(),
        rate,
        Duration.ofNanos(System.nanoTime() - begin),
        why.isEmpty() ? Optional.empty() : Optional.of(why));
  }

  private boolean isEnough(Duration elapsed, boolean isFlat) {
    if (options.requests().isPresent()) {
      return false; // the clients end
    }
    if (options.time().isPresent()) {
      return elapsed.compareTo(options.time().get()) >= 0;
    }
    return isFlat || elapsed.compareTo(LONGEST) >= 0;
  }

  /**
   * Waits until the compilers have nothing left to do: each worker would do that for itself. They
   * have no event to wait for; what can be seen is what they use.
   */
  private void awaitCompilers(Consumer<String> progress) throws InterruptedException {
    long begin = System.nanoTime();
    double compilers = 1;
    while (compilers > Flatness.QUIET && System.nanoTime() - begin < COMPILERS_LIMIT.toNanos()) {
      var used = ProcessSample.of(pid);
      Thread.sleep(SETTLE);
      compilers = ProcessSample.of(pid).compilersSince(used);
      progress.accept("warming: waiting for the compilers, at %.0f %%".formatted(compilers * 100));
    }
  }

  /** Waits for all, at most for a time; whether all have ended. */
  private static boolean join(List<Thread> threads, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    boolean all = true;
    for (Thread thread : threads) {
      long left = Math.max(1, deadline - System.nanoTime());
      all &= thread.join(Duration.ofNanos(left));
    }
    return all;
  }

  private void client() {
    int limit = options.requests().orElse(Integer.MAX_VALUE);
    try (var client = new WarmupClient(address, REQUEST_LIMIT)) {
      send(client, limit);
    }
  }

  private void send(WarmupClient client, int limit) {
    for (int i = begun.getAndIncrement(); i < limit; i = begun.getAndIncrement()) {
      if (System.nanoTime() >= endNanos.get() || !failure.get().isEmpty()) {
        return;
      }
      String path = paths.get(i % paths.size());
      try {
        if (client.get(path) >= 500) {
          errors.incrementAndGet();
        }
        done.incrementAndGet();
      } catch (IOException e) {
        failure.compareAndSet("", "GET " + path + ": " + e.getMessage());
      }
    }
  }
}
