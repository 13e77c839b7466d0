package dev.tine.benchmarks.report;

import dev.tine.benchmarks.report.Plot.Bar;
import dev.tine.benchmarks.report.Plot.Bars;
import dev.tine.benchmarks.report.Plot.Lines;
import dev.tine.benchmarks.report.Plot.Point;
import dev.tine.benchmarks.report.Plot.Series;
import java.util.ArrayList;
import java.util.List;

/** Which plots there are of the numbers of a benchmark. */
final class Figures {
  private Figures() {}

  static List<Figure> of(String command, RawResult result) {
    List<Figure> figures =
        switch (command) {
          case "fork-cost" -> List.of(new Figure("fork-time.svg", forkTime(result)));
          case "subprocess" -> List.of(new Figure("subprocess.svg", subprocess(result)));
          default -> List.of();
        };
    return figures;
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
        series.stream().filter(one -> !one.points().isEmpty()).toList());
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
                  peer.startsWith("Tine"));
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
