package dev.tine.benchmarks.client;

import dev.tine.benchmarks.Samples;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;

/**
 * Requests to a server, from several connections at once, each with the next request when the last
 * is answered. A connection is replaced now and then, as by real users.
 */
public final class Requests {
  /** What is asked for, in turn. */
  public static final List<String> PATHS = List.of("/", "/products/7", "/search?word=fork");

  private static final int REQUESTS_PER_CONNECTION = 100;
  private static final Duration FOREVER = Duration.ofDays(1);

  private final List<Integer> ports;
  private final int connections;
  private final List<String> paths;

  /**
   * What came of it.
   *
   * @param latency in nanoseconds
   */
  public record Result(Samples latency, double perSecond) {}

  /** Of these ports; the connections are divided among them. */
  public Requests(List<Integer> ports, int connections) {
    this(ports, connections, PATHS);
  }

  /** The same for a program with other pages. */
  public Requests(List<Integer> ports, int connections, List<String> paths) {
    this.ports = List.copyOf(ports);
    this.connections = connections;
    this.paths = List.copyOf(paths);
  }

  /** For a time. */
  public Result during(Duration time) throws IOException {
    return run(Integer.MAX_VALUE, time);
  }

  /** So many requests, divided among the connections. */
  public Result requests(int count) throws IOException {
    return run(count / connections, FOREVER);
  }

  /** How many were answered in each step of a time, which begins now. */
  public long[] perStep(Duration time, Duration step) throws IOException {
    var counts = new AtomicLongArray((int) time.dividedBy(step));
    long begin = System.nanoTime();
    run(
        Integer.MAX_VALUE,
        time,
        () -> {
          int index = (int) ((System.nanoTime() - begin) / step.toNanos());
          if (index < counts.length()) { // the last ones end after the time
            counts.incrementAndGet(index);
          }
        });
    return LongStream.range(0, counts.length()).map(i -> counts.get((int) i)).toArray();
  }

  private Result run(int each, Duration time) throws IOException {
    return run(each, time, () -> {});
  }

  private Result run(int each, Duration time, Runnable answered) throws IOException {
    var failure = new AtomicReference<Optional<IOException>>(Optional.empty());
    List<Samples> latencies = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    long begin = System.nanoTime();
    long end = begin + time.toNanos();
    for (int i = 0; i < connections; i++) {
      int port = ports.get(i % ports.size());
      var latency = new Samples();
      latencies.add(latency);
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                try {
                  ask(port, each, end, latency, answered);
                } catch (IOException e) {
                  failure.compareAndSet(Optional.empty(), Optional.of(e));
                }
              }));
    }
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    long took = System.nanoTime() - begin;
    if (failure.get().isPresent()) {
      throw failure.get().get();
    }
    var all = new Samples();
    latencies.forEach(all::addAll);
    return new Result(all, all.count() * 1e9 / took);
  }

  private void ask(int port, int count, long end, Samples latency, Runnable answered)
      throws IOException {
    int done = 0;
    while (done < count && System.nanoTime() < end) {
      try (var connection = new Connection(port)) {
        for (int i = 0; i < REQUESTS_PER_CONNECTION && done < count; i++) {
          long begin = System.nanoTime();
          if (begin >= end) {
            return;
          }
          connection.get(paths.get(done % paths.size()));
          latency.add(System.nanoTime() - begin);
          answered.run();
          done++;
          if (connection.isLast()) {
            break;
          }
        }
      }
    }
  }
}
