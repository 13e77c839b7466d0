package dev.tine.benchmarks.peers;

import dev.tine.benchmarks.client.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Short connections from a few threads, until certain workers have answered.
 *
 * @param pids who has answered
 * @param nanos when that was so
 */
record Probe(Set<Long> pids, long nanos) {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final long BETWEEN_NANOS = 1_000_000;
  private static final int READ_LIMIT_MILLIS = 10_000;
  private static final int CROWD = 8;
  private static final int FEW = 4;

  /** An act that a probe watches. */
  interface Act {
    void run() throws IOException;
  }

  /** Anybody. */
  static Probe first(Answering server) throws IOException {
    return until(server, 1, pids -> !pids.isEmpty(), "nobody answers", () -> {});
  }

  /** So many. */
  static Probe all(Answering server, int workers) throws IOException {
    return until(server, CROWD, pids -> pids.size() >= workers, "not all workers answer", () -> {});
  }

  /** Somebody else, after an act while there is some load. */
  static Probe unlike(Answering server, Set<Long> known, Act act) throws IOException {
    return until(
        server,
        FEW,
        pids -> pids.stream().anyMatch(pid -> !known.contains(pid)),
        "nobody new answers",
        act);
  }

  private static Probe until(
      Answering server, int threads, Predicate<Set<Long>> isEnough, String complaint, Act act)
      throws IOException {
    var seen = new Seen(isEnough);
    long deadline = System.nanoTime() + LIMIT.toNanos();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      clients.add(Thread.ofPlatform().daemon().start(() -> ask(server, seen, deadline)));
    }
    try {
      act.run();
      for (Thread client : clients) {
        client.join();
      }
    } catch (IOException e) {
      seen.giveUp();
      throw e;
    } catch (InterruptedException e) {
      seen.giveUp();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return seen.result().orElseThrow(() -> new IOException(complaint + "\n" + server.tail()));
  }

  private static void ask(Answering server, Seen seen, long deadline) {
    while (!seen.isDone() && server.isAlive() && System.nanoTime() < deadline) {
      try (var connection = new Connection(server.port(), READ_LIMIT_MILLIS)) {
        seen.add(Connection.pid(connection.get("/", false)));
      } catch (IOException e) {
        // Not there yet, or just killed: what a dying worker loses is not counted here.
      }
      LockSupport.parkNanos(BETWEEN_NANOS);
    }
  }

  /** What the threads have seen. */
  private static final class Seen {
    private final Set<Long> pids = new HashSet<>();
    private final Predicate<Set<Long>> isEnough;
    private boolean isDone;
    private long doneNanos;

    Seen(Predicate<Set<Long>> isEnough) {
      this.isEnough = isEnough;
    }

    synchronized void add(long pid) {
      if (!isDone) {
        pids.add(pid);
        isDone = isEnough.test(pids);
        doneNanos = System.nanoTime();
      }
    }

    synchronized void giveUp() {
      isDone = true;
    }

    synchronized boolean isDone() {
      return isDone;
    }

    synchronized Optional<Probe> result() {
      return isDone ? Optional.of(new Probe(Set.copyOf(pids), doneNanos)) : Optional.empty();
    }
  }
}
