package dev.tine.systemtests.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Threads that send requests without a pause, one after the other each, and count every outcome.
 * Nothing is repeated: what failed once, has failed.
 *
 * <p>The server answers as hello-prefork does, with its id and pid, or, if it knows nothing of
 * workers, with its pid alone.
 */
public final class LoadClient implements AutoCloseable {
  /** Of all that do not tell theirs. */
  public static final int NO_ID = -1;

  private static final Pattern PAGE =
      Pattern.compile("(?:hello from worker (\\d+), )?pid (\\d+)\n");

  /** How requests share connections. */
  public enum Connections {
    /** A thread keeps its connection until it breaks, or the server says that it ends it. */
    KEPT_ALIVE,
    ONE_A_REQUEST
  }

  /** What can happen to a request, other than its answer. */
  public enum Kind {
    /** There was no connection. */
    CONNECT_FAILED,
    /** The connection ended before the answer was complete. */
    IN_FLIGHT_FAILED,
    WRONG_ANSWER,
    TIMEOUT
  }

  /**
   * A request without a right answer.
   *
   * @param server pid that has answered on this connection before, if any
   * @param startNanos before the connection was opened, or before the request on a kept-alive one
   */
  public record Failure(
      Kind kind, Optional<Long> server, long startNanos, long endNanos, String cause) {}

  private final int port;
  private final Connections connections;
  private final List<Thread> threads = new ArrayList<>();
  private final LongAdder answers = new LongAdder();
  private final List<Failure> failures = new ArrayList<>();
  private final Map<Integer, Set<Long>> servers = new HashMap<>();
  private volatile boolean stopping;

  private LoadClient(int port, Connections connections) {
    this.port = port;
    this.connections = connections;
  }

  /** Starts to send requests. */
  public static LoadClient start(int port, Connections connections, int threads) {
    var client = new LoadClient(port, connections);
    for (int i = 0; i < threads; i++) {
      client.threads.add(
          Thread.ofPlatform().daemon().name("load-" + connections + "-" + i).start(client::run));
    }
    return client;
  }

  public int threads() {
    return threads.size();
  }

  /** Number of right answers so far. */
  public long answers() {
    return answers.sum();
  }

  /** All that failed so far. */
  public List<Failure> failures() {
    synchronized (failures) {
      return List.copyOf(failures);
    }
  }

  public List<Failure> failures(Kind kind) {
    return failures().stream().filter(failure -> failure.kind() == kind).toList();
  }

  /** The pids that have answered as worker {@code id}, in the order of their first answers. */
  public List<Long> servers(int id) {
    synchronized (servers) {
      return List.copyOf(servers.getOrDefault(id, Set.of()));
    }
  }

  /** Waits for the first answer from a worker {@code id} whose pid is none of these. */
  public long awaitServer(int id, Set<Long> not) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + TestJvm.LIMIT.toNanos();
    synchronized (servers) {
      while (true) {
        Optional<Long> server =
            servers(id).stream().filter(candidate -> !not.contains(candidate)).findFirst();
        if (server.isPresent()) {
          return server.get();
        }
        long restMs = (deadlineNanos - System.nanoTime()) / 1_000_000;
        assertThat(restMs).as("time for worker %d other than %s to answer", id, not).isPositive();
        servers.wait(restMs);
      }
    }
  }

  /** Lets every thread finish its request, and ends. Idempotent. */
  @Override
  public void close() {
    stopping = true;
    try {
      for (Thread thread : threads) {
        assertThat(thread.join(TestJvm.LIMIT)).as("end of %s", thread.getName()).isTrue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("the deadline of the test has passed", e);
    }
  }

  private void run() {
    while (!stopping) {
      switch (connections) {
        case KEPT_ALIVE -> askOnOneConnection(true);
        case ONE_A_REQUEST -> askOnOneConnection(false);
      }
    }
  }

  /** Sends requests until the connection breaks, or just one. */
  private void askOnOneConnection(boolean keepAlive) {
    Optional<Long> server = Optional.empty();
    Kind kindOfBreak = Kind.CONNECT_FAILED;
    long startNanos = System.nanoTime();
    try (var connection = new HttpConnection(port)) {
      kindOfBreak = Kind.IN_FLIGHT_FAILED;
      do {
        String page = connection.get("/", keepAlive);
        Matcher matcher = PAGE.matcher(page);
        if (!matcher.matches()) {
          throw new ProtocolException(page);
        }
        Long pid = Long.valueOf(matcher.group(2));
        if (!server.orElse(pid).equals(pid)) {
          throw new ProtocolException(server + " has answered here before: " + page);
        }
        server = Optional.of(pid);
        answers.increment();
        String id = matcher.group(1);
        addServer(id == null ? NO_ID : Integer.parseInt(id), pid);
        startNanos = System.nanoTime();
      } while (keepAlive && !stopping && !connection.isLast());
    } catch (ProtocolException e) {
      addFailure(Kind.WRONG_ANSWER, server, startNanos, e);
    } catch (SocketTimeoutException e) {
      addFailure(Kind.TIMEOUT, server, startNanos, e);
    } catch (IOException e) {
      addFailure(kindOfBreak, server, startNanos, e);
    }
  }

  private void addServer(int id, Long pid) {
    synchronized (servers) {
      if (servers.computeIfAbsent(id, _ -> new LinkedHashSet<>()).add(pid)) {
        servers.notifyAll();
      }
    }
  }

  private void addFailure(Kind kind, Optional<Long> server, long startNanos, IOException cause) {
    synchronized (failures) {
      failures.add(new Failure(kind, server, startNanos, System.nanoTime(), cause.toString()));
    }
  }
}
