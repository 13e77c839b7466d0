package dev.tine.benchmarks.server;

import dev.tine.benchmarks.Samples;
import dev.tine.benchmarks.client.Requests;
import dev.tine.benchmarks.client.Running;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Requests per second in the first second of a process, and in its tenth or so.
 *
 * @param workerFirst of a worker forked from a warm mold
 * @param workerSteady of the same after some seconds
 * @param plainFirst of a JVM that has just answered for the first time
 * @param plainSteady of the same after as many seconds
 */
public record FirstSecond(
    Samples workerFirst, Samples workerSteady, Samples plainFirst, Samples plainSteady) {
  private static final int CONNECTIONS = 4;
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** Measures so many processes of each kind, by turns. */
  public static FirstSecond measure(Program program, int rounds, int warmUp, Duration until)
      throws IOException {
    var result = new FirstSecond(new Samples(), new Samples(), new Samples(), new Samples());
    try (Running tine = program.underTine(1, warmUp)) {
      for (int i = 0; i < rounds; i++) {
        measure(tine.port(), result.workerFirst, result.workerSteady, until);
        try (Running plain = program.booted()) {
          measure(plain.port(), result.plainFirst, result.plainSteady, until);
        }
        ProcessHandle.of(tine.worker()).orElseThrow().destroyForcibly();
        tine.successor();
      }
    }
    return result;
  }

  private static void measure(int port, Samples first, Samples steady, Duration until)
      throws IOException {
    var load = new Requests(List.of(port), CONNECTIONS);
    first.add(Math.round(load.during(SECOND).perSecond()));
    load.during(until);
    steady.add(Math.round(load.during(SECOND).perSecond()));
  }
}
