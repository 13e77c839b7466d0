package dev.tine.benchmarks.report;

import dev.tine.benchmarks.report.Plot.Bar;
import dev.tine.benchmarks.report.Plot.Bars;
import dev.tine.benchmarks.report.Plot.Lines;
import dev.tine.benchmarks.report.Plot.Point;
import dev.tine.benchmarks.report.Plot.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Which plots there are of the numbers of a benchmark. */
final class Figures {
  private Figures() {}

  static List<Figure> of(String command, RawResult result) {
    return switch (command) {
      case "fork-cost" -> List.of(new Figure("fork-time.svg", forkTime(result)));
      case "run-server" -> List.of(new Figure("first-seconds.svg", firstSeconds(result)));
      case "run-server-memory" -> List.of(new Figure("memory.svg", memory(result)));
      case "servers" ->
          List.of(
              new Figure("successor.svg", successor(result)),
              new Figure("memory-per-worker.svg", memoryPerWorker(result)));
      case "subprocess" -> List.of(new Figure("subprocess.svg", subprocess(result)));
      default -> List.of();
    };
  }

  private static Plot firstSeconds(RawResult result) {
    List<Series> series =
        Stream.of("forked_warm", "reforked", "forked_cold", "new_jvm")
            .map(kind ->
                new Series(
                    kind.replace('_', ' '),
                    result
                        .where("measured", "curve", "kind", kind)
                        .map(row ->
                            new Point(
                                number(row, "until_s"),
                                number(row, "requests_median_per_s"),
                                number(row, "requests_p10_per_s"),
                                number(row, "requests_p90_per_s")))
                        .toList()))
            .toList();
    return new Lines(
        "Requests per second of a new worker (median, p10 to p90)",
        "seconds since its first request",
        "requests/s",
        "set yrange [0:*]",
        measured(series));
  }

  private static Plot memory(RawResult result) {
    List<Series> series =
        Stream.of("jvms_pss_mb", "served_pss_mb", "forked_pss_mb")
            .map(name ->
                new Series(
                    switch (name) {
                      case "jvms_pss_mb" -> "as many JVMs, after requests";
                      case "served_pss_mb" -> "mold and workers, after requests";
                      default -> "mold and workers, at the fork";
                    },
                    result
                        .where("measured", "growth")
                        .map(row -> new Point(number(row, "workers"), number(row, name)))
                        .toList()))
            .toList();
    return new Lines(
        "Memory of N workers and of N JVMs (PSS)",
        "workers",
        "MB",
        "set yrange [0:*]\nset xtics 1",
        measured(series));
  }

  private static Plot successor(RawResult result) {
    return new Bars(
        "From kill -9 of a worker until a new one answers (median, p10 to p90)",
        "ms",
        "set logscale x 10",
        result
            .where("measured", "successor")
            .map(row -> bar(row, "answered_median_ms", "answered_p10_ms", "answered_p90_ms"))
            .toList());
  }

  private static Plot memoryPerWorker(RawResult result) {
    return new Bars(
        "Memory of all processes, divided by the workers (PSS, after the same requests)",
        "MB",
        "set xrange [0:*]",
        result
            .where("measured", "memory")
            .map(row -> bar(row, "pss_per_worker_mb", "pss_per_worker_mb", "pss_per_worker_mb"))
            .toList());
  }

  private static Bar bar(Row row, String value, String low, String high) {
    String peer = row.text("peer").orElse("");
    return new Bar(
        "%s: %s".formatted(row.text("program").orElse(""), peer),
        number(row, value),
        number(row, low),
        number(row, high),
        isOurs(peer));
  }

  private static boolean isOurs(String peer) {
    return peer.startsWith("Tine") || peer.startsWith("tine") || peer.startsWith("Prefork");
  }

  /** Those that have points. */
  private static List<Series> measured(List<Series> series) {
    return series.stream().filter(one -> !one.points().isEmpty()).toList();
  }

  private static Plot forkTime(RawResult result) {
    List<Series> series = new ArrayList<>();
    for (String pages : List.of("4 KB", "huge")) {
      for (String who : List.of("bare", "jvm")) {
        List<Point> points =
            result
                .where("measured", "fork", "threads", "0", "pages", pages)
                .map(row ->
                    new Point(
                        number(row, "heap_mb"),
                        number(row, who + "_median_ms"),
                        number(row, who + "_p10_ms"),
                        number(row, who + "_p90_ms")))
                .toList();
        String label = who.equals("bare") ? "bare fork(2)" : "JvmFork.fork()";
        series.add(new Series("%s, %s pages".formatted(label, pages), points));
      }
    }
    return new Lines(
        "Time of a fork (median, p10 to p90)",
        "resident heap (MB)",
        "ms",
        "set logscale xy 2",
        measured(series));
  }

  private static Plot subprocess(RawResult result) {
    List<Bar> bars =
        result
            .where("measured", "subprocess", "what", "50")
            .map(row -> {
              double value = number(row, "value");
              String peer = row.text("peer").orElse("");
              return new Bar(
                  peer,
                  value,
                  row.number("p10").isPresent() ? number(row, "p10") : value,
                  row.number("p90").isPresent() ? number(row, "p90") : value,
                  isOurs(peer));
            })
            .toList();
    return new Bars(
        "Programs started and ended, 50 in flight with three pipes each",
        "per second (lower quartile of times; p10 to p90)",
        "set xrange [0:*]",
        bars);
  }

  private static double number(Row row, String name) {
    return row.number(name).map(Number::doubleValue).orElse(Double.NaN);
  }
}
