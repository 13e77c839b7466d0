package dev.tine.systemtests.programs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tine.worker.Worker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A server that gets stuck when it is asked to: {@code StuckServer PORT}. It answers with its pid,
 * at {@code /deadlock}, {@code /spiral}, {@code /loop} and {@code /no-safepoint} for the last time.
 */
public final class StuckServer {
  private static final int THREADS = 4;

  /** Small pieces, of which a collector has much work. */
  private static final List<byte[]> GARBAGE = new ArrayList<>();

  /** So that no compiler leaves out what nobody needs. */
  private static final AtomicLong RESULT = new AtomicLong();

  private StuckServer() {}

  /** Serves. */
  public static void main(String[] args) throws IOException {
    var address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
    var server = HttpServer.create(address, 100);
    ExecutorService pool = Executors.newFixedThreadPool(THREADS, named("request-"));
    server.createContext("/", exchange -> answer(exchange, pool));
    server.setExecutor(pool);
    server.start();
  }

  private static ThreadFactory named(String prefix) {
    var number = new AtomicInteger();
    return task -> new Thread(task, prefix + number.incrementAndGet());
  }

  private static void answer(HttpExchange exchange, ExecutorService pool) throws IOException {
    byte[] body = (ProcessHandle.current().pid() + " ").getBytes(StandardCharsets.UTF_8);
    try (var _ = Worker.deadline(Duration.ofMinutes(10))) {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    }
    switch (exchange.getRequestURI().getPath()) {
      case "/deadlock" -> deadlock(pool);
      case "/spiral" -> spiral();
      case "/overdue" -> overdue();
      case "/loop" -> new Thread(StuckServer::loop, "for-ever").start();
      case "/no-safepoint" -> new Thread(StuckServer::loopWithoutSafepoint, "no-safepoint").start();
      default -> {
        // served
      }
    }
  }

  /** As a request that waits for something outside that does not come. */
  private static void overdue() {
    try (var _ = Worker.deadline(Duration.ofMinutes(10), "in time");
        var _ = Worker.deadline(Duration.ofMillis(300), "GET /overdue")) {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** All threads of the pool: two wait for each other, and the others for those. */
  private static void deadlock(ExecutorService pool) {
    Object one = new Object();
    Object other = new Object();
    var both = new CyclicBarrier(2);
    pool.execute(() -> lock(one, other, both));
    pool.execute(() -> lock(other, one, both));
    for (int i = 0; i < THREADS - 2; i++) {
      pool.execute(() -> {
        while (!Thread.holdsLock(one)) {
          synchronized (one) {
            RESULT.incrementAndGet(); // before the deadlock; it tries again
          }
        }
      });
    }
  }

  private static void lock(Object first, Object second, CyclicBarrier both) {
    synchronized (first) {
      try {
        both.await();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      synchronized (second) {
        RESULT.incrementAndGet();
      }
    }
  }

  /** The heap is full but for a little, which all threads want again and again. */
  private static void spiral() {
    try {
      while (true) {
        GARBAGE.add(new byte[1000]);
      }
    } catch (OutOfMemoryError e) {
      GARBAGE.subList(0, 3000).clear();
    }
    for (int i = 0; i < THREADS; i++) {
      new Thread(StuckServer::waste, "waste-" + i).start();
    }
  }

  private static void waste() {
    while (true) {
      try {
        RESULT.addAndGet(new byte[700_000].length);
      } catch (OutOfMemoryError e) {
        RESULT.set(0);
      }
    }
  }

  private static void loop() {
    while (true) {
      RESULT.incrementAndGet();
    }
  }

  /** With -XX:-UseCountedLoopSafepoints, once compiled by C2, it cannot be stopped for years. */
  private static void loopWithoutSafepoint() {
    for (int i = 0; i < 20_000; i++) {
      RESULT.addAndGet(sum(10, i));
    }
    RESULT.set(sum(Integer.MAX_VALUE, RESULT.intValue()));
  }

  private static long sum(int rounds, int seed) {
    long sum = seed;
    for (int i = 0; i < rounds; i++) {
      for (int j = 0; j < rounds; j++) {
        sum = sum * 31 + (sum >>> 7) + j;
      }
    }
    return sum;
  }
}
