package dev.tine.run.watch;

import java.time.Duration;
import java.util.Arrays;

/** Durations, counted by size as Prometheus wants them. Not for several threads. */
final class Histogram {
  private static final double[] SECONDS = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120
  };

  private final long[] counts = new long[SECONDS.length + 1];
  private double sum;

  void observe(Duration time) {
    double seconds = time.toNanos() / 1e9;
    int found = Arrays.binarySearch(SECONDS, seconds);
    counts[found < 0 ? -found - 1 : found]++;
    sum += seconds;
  }

  void writeTo(Exposition out, String name) {
    long below = 0;
    for (int i = 0; i < SECONDS.length; i++) {
      below += counts[i];
      out.sample(name + "_bucket", below, "le", Exposition.number(SECONDS[i]));
    }
    below += counts[SECONDS.length];
    out.sample(name + "_bucket", below, "le", "+Inf");
    out.sample(name + "_sum", sum);
    out.sample(name + "_count", below);
  }
}
