package dev.tine.benchmarks.server;

import dev.tine.benchmarks.Samples;
import dev.tine.benchmarks.client.Requests;
import dev.tine.benchmarks.client.Running;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/**
 * Requests per second and latency of warm workers, and of one warm JVM on the same processors.
 *
 * @param tine requests per second, a sample a round
 * @param tineLatency nanoseconds
 */
public record Throughput(Samples tine, Samples tineLatency, Samples plain, Samples plainLatency) {
  private static final int CONNECTIONS = 16;

  /** Measures for so many rounds, by turns. */
  public static Throughput measure(
      Program program, int workers, int warmUp, int rounds, Duration time) throws IOException {
    var result = new Throughput(new Samples(), new Samples(), new Samples(), new Samples());
    try (Running tine = program.underTine(workers, OptionalInt.of(warmUp));
        Running plain = program.booted()) {
      var ofTine = new Requests(List.of(tine.port()), CONNECTIONS);
      var ofPlain = new Requests(List.of(plain.port()), CONNECTIONS);
      ofPlain.requests(warmUp);
      ofTine.during(time);
      ofPlain.during(time);
      for (int i = 0; i < rounds; i++) {
        if (i % 2 == 0) {
          add(ofTine.during(time), result.tine, result.tineLatency);
        }
        add(ofPlain.during(time), result.plain, result.plainLatency);
        if (i % 2 != 0) {
          add(ofTine.during(time), result.tine, result.tineLatency);
        }
      }
    }
    return result;
  }

  private static void add(Requests.Result result, Samples rates, Samples latency) {
    rates.add(Math.round(result.perSecond()));
    latency.addAll(result.latency());
  }
}
