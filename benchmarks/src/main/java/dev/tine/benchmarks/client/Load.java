package dev.tine.benchmarks.client;

import dev.tine.benchmarks.Samples;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Ways to send requests to a server whose page has its pid. */
public enum Load {
  /** Each with a connection of its own, at a rate that leaves most of the processors idle. */
  SHORT_MODERATE(false, false),
  /** Each with a connection of its own, from more threads than there are processors. */
  SHORT_SATURATED(false, true),
  /** Connections that stay, opened one after the other; a request now and then. */
  KEPT_MODERATE(true, false),
  /** Connections that stay, opened all at once; a request as soon as the last is answered. */
  KEPT_SATURATED(true, true);

  private static final int SHORT_THREADS = 16;
  private static final Duration BETWEEN_CONNECTIONS = Duration.ofMillis(4);

  private final boolean isKept;
  private final boolean isSaturated;

  Load(boolean isKept, boolean isSaturated) {
    this.isKept = isKept;
    this.isSaturated = isSaturated;
  }

  /**
   * What came of it.
   *
   * @param answers by the pid that has sent them
   * @param latencies nanoseconds; with a rate, since the moment that a request was due
   */
  public record Result(Map<Long, Long> answers, Samples latencies, int failures, double perSecond) {
    /** Requests of the worker that had most, as a multiple of the mean of so many workers. */
    public double mostToMean(int workers) {
      return answers.values().stream().mapToLong(Long::longValue).max().orElse(0) / mean(workers);
    }

    /** Requests of the worker that had least: 0 if some had none. */
    public double leastToMean(int workers) {
      return answers.size() < workers
          ? 0
          : answers.values().stream().mapToLong(Long::longValue).min().orElse(0) / mean(workers);
    }

    private double mean(int workers) {
      return Math.max(1, latencies.count()) / (double) workers;
    }
  }

  /** How much of it. */
  public record Size(int port, int perSecond, int connections, Duration time) {}

  /** As in the table. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Sends requests. */
  public Result run(Size size) throws InterruptedException {
    int threads = isKept ? size.connections : SHORT_THREADS;
    long begin = System.nanoTime();
    long end = begin + size.time.toNanos();
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      var client = new Client(size, i, threads, begin, end);
      client.start();
      clients.add(client);
    }
    Map<Long, Long> answers = new HashMap<>();
    Samples latencies = new Samples();
    int failures = 0;
    for (Client client : clients) {
      client.join();
      client.answers.forEach((pid, count) -> answers.merge(pid, count, Long::sum));
      latencies.addAll(client.latencies);
      failures += client.failures;
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new Result(answers, latencies, failures, latencies.count() / seconds);
  }

  /** One thread, which sends a request at a time. */
  private final class Client extends Thread {
    private final Size size;
    private final long begin;
    private final long end;
    private final long intervalNanos;
    private final long offsetNanos;
    private final Map<Long, Long> answers = new HashMap<>();
    private final Samples latencies = new Samples();
    private int failures;

    Client(Size size, int index, int threads, long begin, long end) {
      super("load-" + index);
      this.size = size;
      this.begin = begin;
      this.end = end;
      this.intervalNanos = isSaturated ? 0 : threads * 1_000_000_000L / size.perSecond;
      this.offsetNanos =
          isSaturated
              ? 0
              : isKept
                  ? index * BETWEEN_CONNECTIONS.toNanos()
                  : index * 1_000_000_000L / size.perSecond;
    }

    @Override
    public void run() {
      long due = begin + offsetNanos;
      while (due < end && System.nanoTime() < end) {
        try {
          await(due);
          due = converse(due);
        } catch (IOException e) {
          failures++;
          due = Math.max(due + intervalNanos, System.nanoTime());
        }
      }
    }

    private static void await(long due) {
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    }

    /** Over one connection, until it ends; when the next request is due. */
    private long converse(long firstDue) throws IOException {
      long due = firstDue;
      try (var connection = new Connection(size.port)) {
        do {
          await(due);
          long from = isSaturated ? System.nanoTime() : due;
          answers.merge(Connection.pid(connection.get("/", isKept)), 1L, Long::sum);
          latencies.add(System.nanoTime() - from);
          due += intervalNanos;
          if (isSaturated) {
            due = System.nanoTime();
          }
        } while (isKept && due < end && !connection.isLast());
      }
      return due;
    }
  }
}
