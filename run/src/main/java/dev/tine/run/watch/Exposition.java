package dev.tine.run.watch;

import java.util.Locale;

/** Metrics as Prometheus reads them: its text format, version 0.0.4. */
final class Exposition {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final StringBuilder text = new StringBuilder();

  /**
   * Begins a metric, of which all samples follow.
   *
   * @param type counter, gauge or histogram
   */
  Exposition metric(String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(escaped(help, false)).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    return this;
  }

  /**
   * One value.
   *
   * @param labels names and values in turn
   */
  Exposition sample(String name, double value, String... labels) {
    text.append(name);
    for (int i = 0; i < labels.length; i += 2) {
      text.append(i == 0 ? '{' : ',')
          .append(labels[i])
          .append("=\"")
          .append(escaped(labels[i + 1], true))
          .append('"');
    }
    text.append(labels.length == 0 ? " " : "} ").append(number(value)).append('\n');
    return this;
  }

  Exposition sample(String name, long value, String... labels) {
    return sample(name, (double) value, labels);
  }

  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.9f", value).replaceAll("0+$", "");
  }

  private static String escaped(String value, boolean isLabel) {
    String escaped = value.replace("\\", "\\\\").replace("\n", "\\n");
    return isLabel ? escaped.replace("\"", "\\\"") : escaped;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
