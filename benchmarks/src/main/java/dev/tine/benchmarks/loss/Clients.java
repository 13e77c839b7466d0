package dev.tine.benchmarks.loss;

import dev.tine.benchmarks.client.Connection;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that ask again and again: half of them with a connection for each request, which they
 * never repeat; half with connections that are kept.
 */
public final class Clients implements AutoCloseable {
  private static final int TIMEOUT_MS = (int) Duration.ofSeconds(30).toMillis();
  private static final String PATH = "/";

  private final int port;
  private final Duration pause;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Thread> threads = new ArrayList<>();
  private final LongAdder single = new LongAdder();
  private final LongAdder kept = new LongAdder();
  private final Map<Long, Long> firstSeen = new ConcurrentHashMap<>();
  private final List<Loss> losses = new ArrayList<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  /** How connections are kept. */
  public enum Kept {
    /** By the JDK's client, which asks again if one was closed before an answer began. */
    BY_THE_JDK,
    /** By the thread, which knows then what its request's connection was. */
    BY_THE_THREAD
  }

  private interface Ask {
    void once() throws IOException, InterruptedException;
  }

  /** Starts them, an even number, which pause after each request. */
  public Clients(int port, int count, Duration pause, Kept how) {
    this.port = port;
    this.pause = pause;
    for (int i = 0; i < count; i++) {
      var own = new KeptConnection(port, TIMEOUT_MS);
      Ask ask =
          i % 2 == 0
              ? this::single
              : how == Kept.BY_THE_JDK ? this::keptByTheJdk : () -> keptByTheThread(own);
      threads.add(Thread.ofPlatform().daemon().name("client-" + i).start(() -> run(ask)));
    }
  }

  private void run(Ask ask) {
    while (!stopping.get()) {
      try {
        ask.once();
      } catch (IOException e) {
        throw new IllegalStateException("a connection cannot be closed", e);
      } catch (InterruptedException e) {
        return;
      }
      LockSupport.parkNanos(pause.toNanos());
    }
  }

  private void single() {
    long begin = System.nanoTime();
    int localPort = 0;
    try (var connection = new Connection(port, TIMEOUT_MS)) {
      localPort = connection.localPort();
      saw(connection.get(PATH, false));
      single.increment();
    } catch (IOException e) {
      lost(localPort, begin, false, e.toString());
    }
  }

  private void keptByTheThread(KeptConnection own) throws IOException {
    long begin = System.nanoTime();
    int localPort = 0;
    try {
      Connection connection = own.connection();
      localPort = connection.localPort();
      saw(connection.get(PATH));
      kept.increment();
      if (connection.isLast()) {
        own.drop();
      }
    } catch (IOException e) {
      lost(localPort, begin, own.isReused(), e.toString());
      own.drop();
    }
  }

  private void keptByTheJdk() throws InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + PATH);
    HttpRequest request =
        HttpRequest.newBuilder(uri).timeout(Duration.ofMillis(TIMEOUT_MS)).build();
    long begin = System.nanoTime();
    try {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException("status " + answer.statusCode());
      }
      saw(answer.body());
      kept.increment();
    } catch (IOException e) {
      lost(0, begin, false, e.toString());
    }
  }

  private void saw(String page) throws IOException {
    firstSeen.putIfAbsent(Connection.pid(page), System.nanoTime());
  }

  private void lost(int localPort, long begin, boolean isRepeatable, String what) {
    synchronized (losses) {
      losses.add(new Loss(localPort, begin, System.nanoTime(), isRepeatable, what));
    }
  }

  /**
   * A worker to kill: it is alive, and has answered for the first time at least that long ago. None
   * is told twice: for some time after its death it still looks alive.
   */
  public Optional<Long> victim(Duration age) {
    long latest = System.nanoTime() - age.toNanos();
    Optional<Long> victim =
        firstSeen.entrySet().stream()
            .filter(seen -> seen.getValue() <= latest)
            .map(Map.Entry::getKey)
            .filter(pid -> ProcessHandle.of(pid).isPresent())
            .findAny();
    // So late that it is old enough for nobody.
    victim.ifPresent(pid -> firstSeen.put(pid, Long.MAX_VALUE));
    return victim;
  }

  /** Requests that were answered on a connection of their own. */
  public long singleAnswers() {
    return single.sum();
  }

  /** Requests that were answered on a connection that is kept. */
  public long keptAnswers() {
    return kept.sum();
  }

  /** What became of the requests that were not answered. */
  public Verdict verdict(List<Kill> kills) {
    Map<String, Integer> failures = new TreeMap<>();
    int inFlight = 0;
    int repeated = 0;
    synchronized (losses) {
      for (Loss loss : losses) {
        if (kills.stream().anyMatch(kill -> kill.explains(loss))) {
          inFlight++;
        } else if (loss.isRepeatable()) {
          repeated++;
        } else {
          failures.merge(loss.what(), 1, Integer::sum);
        }
      }
    }
    return new Verdict(inFlight, repeated, failures);
  }

  /**
   * On the requests that were not answered.
   *
   * @param inFlight they were in the hands of a worker that was killed
   * @param repeated their connection was closed before; they were sent again
   * @param failures how often what else went wrong: the requests that are lost
   */
  public record Verdict(int inFlight, int repeated, Map<String, Integer> failures) {
    /** How many requests are lost. */
    public int failed() {
      return failures.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  /** Lets each finish its request. */
  @Override
  public void close() throws IOException {
    stopping.set(true);
    try {
      for (Thread thread : threads) {
        if (!thread.join(Duration.ofMillis(2L * TIMEOUT_MS))) {
          throw new IOException(thread.getName() + " hangs");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.shutdownNow();
  }
}
