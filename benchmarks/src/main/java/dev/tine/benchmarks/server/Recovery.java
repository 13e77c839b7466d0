package dev.tine.benchmarks.server;

import dev.tine.benchmarks.Samples;
import dev.tine.benchmarks.client.Connection;
import dev.tine.benchmarks.client.Requests;
import dev.tine.benchmarks.client.Running;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * From the death of the only worker until its successor has answered a client that was waiting in
 * the queue; by turns with the start of a JVM until its first answer. Nanoseconds.
 *
 * @param answered from before the kill until the answer is there
 * @param forked of that, until the monitor told of the successor
 * @param coldStart from before the start of a JVM until its first answer
 */
public record Recovery(Samples answered, Samples forked, Samples coldStart) {
  /** A worker that dies younger than a second is taken for a broken one. */
  private static final Duration OLD_ENOUGH = Duration.ofMillis(1200);

  private static final int KILLS_PER_START = 20;
  private static final int TRIES = 100;

  /** Measures so many deaths. */
  public static Recovery measure(Program program, int kills, int warmUp) throws IOException {
    var recovery = new Recovery(new Samples(), new Samples(), new Samples());
    try (Running tine = program.underTine(1, warmUp)) {
      for (int i = 0; i < kills; i++) {
        if (i % KILLS_PER_START == 0) {
          recovery.startCold(program);
        }
        // It serves meanwhile, as a worker would that dies.
        new Requests(List.of(tine.port()), 1).during(OLD_ENOUGH);
        recovery.kill(tine);
      }
    }
    return recovery;
  }

  private void kill(Running tine) throws IOException {
    ProcessHandle worker = ProcessHandle.of(tine.worker()).orElseThrow();
    long begin = System.nanoTime();
    worker.destroyForcibly();
    String greeting = askUntilAnswered(tine.port());
    answered.add(System.nanoTime() - begin);
    tine.successor();
    forked.add(Math.max(0, tine.toldNanos() - begin));
    if (!greeting.startsWith("Hello from " + tine.worker() + "@")) {
      throw new IOException("not the answer of worker " + tine.worker() + ": " + greeting);
    }
  }

  /** The dying worker may still take a connection, which is lost with it. */
  private static String askUntilAnswered(int port) throws IOException {
    for (int i = 1; ; i++) {
      try (var connection = new Connection(port)) {
        return connection.get("/");
      } catch (IOException e) {
        if (i == TRIES) {
          throw e;
        }
      }
    }
  }

  private void startCold(Program program) throws IOException {
    long begin = System.nanoTime();
    try (Running plain = program.starting()) {
      plain.firstAnswer();
      coldStart.add(System.nanoTime() - begin);
    }
  }
}
