package dev.tine.benchmarks.loss;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that ask again and again: half of them with a connection for each request, which they
 * never repeat; half with the JDK's client, which keeps connections, and asks again on another one
 * if one was closed before an answer began.
 */
public final class Clients implements AutoCloseable {
  private static final int TIMEOUT_MS = (int) Duration.ofSeconds(30).toMillis();
  private final int port;
  private final String path;
  private final Duration pause;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Thread> threads = new ArrayList<>();
  private final LongAdder single = new LongAdder();
  private final LongAdder kept = new LongAdder();
  private final Map<String, Integer> failures = new TreeMap<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  private interface Ask {
    void once() throws IOException, InterruptedException;
  }

  /** Starts them, an even number, which pause after each request. */
  public Clients(int port, int count, String path, Duration pause) {
    this.port = port;
    this.path = path;
    this.pause = pause;
    for (int i = 0; i < count; i++) {
      Ask ask = i % 2 == 0 ? this::single : this::kept;
      threads.add(Thread.ofPlatform().daemon().name("client-" + i).start(() -> run(ask)));
    }
  }

  private void run(Ask ask) {
    while (!stopping.get()) {
      try {
        ask.once();
      } catch (IOException e) {
        synchronized (failures) {
          failures.merge(e.toString(), 1, Integer::sum);
        }
      } catch (InterruptedException e) {
        return;
      }
      LockSupport.parkNanos(pause.toNanos());
    }
  }

  private void single() throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(TIMEOUT_MS);
      String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readAllBytes();
      String text = new String(answer, StandardCharsets.UTF_8);
      if (!text.startsWith("HTTP/1.1 200") || !text.contains("\r\n\r\n")) {
        throw new IOException("an answer of %d bytes".formatted(answer.length));
      }
    }
    single.increment();
  }

  private void kept() throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    HttpRequest request =
        HttpRequest.newBuilder(uri).timeout(Duration.ofMillis(TIMEOUT_MS)).build();
    int status = client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    if (status != 200) {
      throw new IOException("status " + status);
    }
    kept.increment();
  }

  /** Requests that were answered on a connection of their own. */
  public long singleAnswers() {
    return single.sum();
  }

  /** Requests that were answered on a connection that is kept. */
  public long keptAnswers() {
    return kept.sum();
  }

  /** How often what went wrong. */
  public Map<String, Integer> failures() {
    synchronized (failures) {
      return new TreeMap<>(failures);
    }
  }

  /** How many requests were not answered. */
  public int failed() {
    return failures().values().stream().mapToInt(Integer::intValue).sum();
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
