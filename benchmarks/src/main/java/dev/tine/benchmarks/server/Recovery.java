package dev.tine.benchmarks.server;

import dev.tine.benchmarks.Samples;
import dev.tine.benchmarks.client.Connection;
import dev.tine.benchmarks.client.Requests;
import dev.tine.benchmarks.client.Running;
import dev.tine.sys.ConnectionCall;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;

/**
 * From the death of the only worker until its successor has accepted, and answered, a client that
 * was waiting in the queue; by turns with the start of a JVM until its first answer. Nanoseconds.
 *
 * @param accepted from before the kill until the client's connection is accepted
 * @param answered until its answer is there
 * @param told until the monitor has told of the death and of the successor
 * @param coldStart from before the start of a JVM until its first answer
 */
public record Recovery(Samples accepted, Samples answered, Samples told, Samples coldStart) {
  /** A worker that dies younger than a second is taken for a broken one. */
  private static final Duration OLD_ENOUGH = Duration.ofMillis(1200);

  private static final int KILLS_PER_START = 20;
  private static final int TRIES = 100;

  /** Between two looks at a connection, so that the looks take nothing from who is to accept it. */
  private static final long LOOK_NANOS = 250_000;

  /** Measures so many deaths. */
  public static Recovery measure(Program program, int kills, OptionalInt warmUp)
      throws IOException {
    var recovery = new Recovery(new Samples(), new Samples(), new Samples(), new Samples());
    try (Running tine = program.underTine(1, warmUp)) {
      var _ = askUntilAnswered(tine.port()); // this JVM's own first is no part of the measure
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
    First first = askUntilAnswered(tine.port());
    accepted.add(first.acceptedNanos - begin);
    answered.add(first.answeredNanos - begin);
    tine.successor();
    told.add(Math.max(0, tine.toldNanos() - begin));
    if (!first.greeting.startsWith("Hello from " + tine.worker() + "@")) {
      throw new IOException("not the answer of worker " + tine.worker() + ": " + first.greeting);
    }
  }

  /** The first request of a worker. */
  private record First(String greeting, long acceptedNanos, long answeredNanos) {}

  /** The dying worker may still take a connection, which is lost with it. */
  private static First askUntilAnswered(int port) throws IOException {
    for (int i = 1; ; i++) {
      try (var connection = new Connection(port)) {
        connection.send("/", true);
        awaitAccepted(connection, port);
        long acceptedNanos = System.nanoTime();
        String greeting = connection.receive(true);
        return new First(greeting, acceptedNanos, System.nanoTime());
      } catch (IOException e) {
        if (i == TRIES) {
          throw e;
        }
      }
    }
  }

  /** The server's end has no inode while it waits in the queue. */
  private static void awaitAccepted(Connection connection, int port) {
    String remote = connection.localAddress();
    while (ConnectionCall.list(List.of(port)).stream()
        .anyMatch(end -> !end.listens() && end.inode() == 0 && end.remote().equals(remote))) {
      LockSupport.parkNanos(LOOK_NANOS);
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
