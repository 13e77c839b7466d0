package dev.tine.benchmarks.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A picture of numbers, as a script of gnuplot that writes SVG to its standard output. */
sealed interface Plot {
  /** Dark enough on white, and told apart by who does not see all colours. */
  List<String> COLOURS = List.of("#8c8c8c", "#1f6feb", "#c98500", "#1a7f64", "#a83279", "#5b4fc7");

  String title();

  String script();

  /** A measured value and its spread. */
  record Point(double x, double y, double low, double high) {
    Point(double x, double y) {
      this(x, y, y, y);
    }
  }

  /** Points that belong together. */
  record Series(String label, List<Point> points) {}

  /**
   * Lines over a number.
   *
   * @param axes commands of gnuplot for the axes, such as a scale
   */
  record Lines(String title, String xLabel, String yLabel, String axes, List<Series> series)
      implements Plot {
    @Override
    public String script() {
      String data =
          IntStream.range(0, series.size())
              .mapToObj(i -> block(i, series.get(i).points()))
              .collect(Collectors.joining());
      String plots =
          IntStream.range(0, series.size())
              .mapToObj(i ->
                  "$d%1$d using 1:2:3:4 with yerrorbars notitle lc rgb '%2$s' pt 7 ps 0.3, $d%1$d using 1:2 with linespoints lw 2 pt 7 ps 0.5 lc rgb '%2$s' title '%3$s'"
                      .formatted(i, COLOURS.get(i % COLOURS.size()), quoted(series.get(i).label())))
              .collect(Collectors.joining(", \\\n     "));
      return data
          + head(460, title)
          + "set xlabel '%s'\nset ylabel '%s'\n%s\n".formatted(quoted(xLabel), quoted(yLabel), axes)
          + "set offsets graph 0.02, graph 0.02, 0, 0\n"
          + "set key outside bottom center horizontal Left reverse samplen 2\n"
          + "plot "
          + plots
          + "\n";
    }
  }

  /** One bar for each label, the first on top; all have the same unit. */
  record Bars(String title, String xLabel, String axes, List<Bar> bars) implements Plot {
    @Override
    public String script() {
      StringBuilder data = new StringBuilder("$d0 << EOD\n");
      for (int i = 0; i < bars.size(); i++) {
        Bar bar = bars.get(i);
        data.append(
            String.format(
                Locale.ROOT,
                "\"%s\" %d %g %g %g %s%n",
                bar.label().replace("\"", ""),
                bars.size() - i,
                bar.value(),
                bar.low(),
                bar.high(),
                COLOURS.get(bar.ours() ? 1 : 0).replace("#", "0x")));
      }
      return data
          + "EOD\n"
          + head(120 + 34 * bars.size(), title)
          + "set xlabel '%s'\nset style fill solid 1.0\n".formatted(quoted(xLabel))
          + "set yrange [0.3:%s]\nunset key\n%s\n".formatted(bars.size() + 0.7, axes)
          + "plot $d0 using (0):2:(0):3:($2-0.3):($2+0.3):6:ytic(1) with boxxyerror lc rgb"
          + " variable, \\\n"
          + "     $d0 using 3:2:4:5 with xerrorbars lc rgb '#333333' pt 0, \\\n"
          + "     $d0 using 5:2:(sprintf(' %.4g', $3)) with labels left offset 0.5,0\n";
    }
  }

  /**
   * A measured value, its spread and whose it is.
   *
   * @param ours whether it is Tine's
   */
  record Bar(String label, double value, double low, double high, boolean ours) {}

  private static String head(int height, String title) {
    return """
    set terminal svg size 860,%d dynamic noenhanced font 'sans-serif,13' background '#ffffff'
    set title '%s' font ',15'
    set grid lt 1 lw 1 lc rgb '#e4e4e4'
    set border 3 lc rgb '#666666'
    set tics nomirror
    """
        .formatted(height, quoted(title));
  }

  private static String block(int number, List<Point> points) {
    return points.stream()
        .map(point ->
            String.format(
                Locale.ROOT, "%g %g %g %g%n", point.x(), point.y(), point.low(), point.high()))
        .collect(Collectors.joining("", "$d" + number + " << EOD\n", "EOD\n"));
  }

  /** As text between single quotes. */
  private static String quoted(String text) {
    return text.replace("'", "''");
  }
}
