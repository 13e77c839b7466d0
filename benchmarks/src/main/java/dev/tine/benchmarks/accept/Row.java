package dev.tine.benchmarks.accept;

import dev.tine.benchmarks.Report;
import dev.tine.benchmarks.client.Load;
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
    return new Row(
        server,
        accept,
        load,
        result.mostToMean(workers),
        result.leastToMean(workers),
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
  public void addTo(Report report) {
    report
        .row("accept")
        .with("server", server.toString())
        .with("accept", accept)
        .with("load", load.toString())
        .with("max_to_mean", most)
        .with("min_to_mean", least)
        .with("requests_per_s", perSecond)
        .with("p50_ms", medianMillis)
        .with("p99_ms", p99Millis)
        .with("failed", failures);
  }
}
