package dev.tine.benchmarks.accept;

import java.util.Locale;

/**
 * A line of the result.
 *
 * @param most requests of the worker that had most, as a multiple of the mean
 * @param least of the one that had least
 */
public record Row(
    Server server,
    String accept,
    Load load,
    double most,
    double least,
    double perSecond,
    double medianMillis,
    double p99Millis,
    int failures) {
  /** Of these rows. */
  public static final String HEAD =
      "server       accept      load             max/mean  min/mean  requests/s  p50 ms  p99 ms "
          + " failed";

  static Row of(Server server, String accept, Load load, int workers, Load.Result result) {
    long total = result.answers().values().stream().mapToLong(Long::longValue).sum();
    double mean = Math.max(1, total) / (double) workers;
    long most = result.answers().values().stream().mapToLong(Long::longValue).max().orElse(0);
    long least =
        result.answers().size() < workers
            ? 0
            : result.answers().values().stream().mapToLong(Long::longValue).min().orElse(0);
    return new Row(
        server,
        accept,
        load,
        most / mean,
        least / mean,
        result.perSecond(),
        result.latencies().median() / 1e6,
        result.latencies().percentile(99) / 1e6,
        result.failures());
  }

  /** Measures one. */
  public static Row measure(Server server, String accept, Load load, int workers, Load.Size size)
      throws InterruptedException {
    return of(server, accept, load, workers, load.run(size));
  }

  /** For people. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%-12s %-11s %-16s %8.2f  %8.2f  %10.0f  %6.2f  %6.2f  %6d",
        server,
        accept,
        load,
        most,
        least,
        perSecond,
        medianMillis,
        p99Millis,
        failures);
  }

  /** For programs. */
  public String json() {
    return String.format(
        Locale.ROOT,
        "{\"server\":\"%s\",\"accept\":\"%s\",\"load\":\"%s\",\"maxToMean\":%.3f,\"minToMean\":%.3f,"
            + "\"requestsPerSecond\":%.1f,\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"failed\":%d}",
        server,
        accept,
        load,
        most,
        least,
        perSecond,
        medianMillis,
        p99Millis,
        failures);
  }
}
