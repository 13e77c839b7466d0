package dev.tine.benchmarks;

import java.util.Locale;

/**
 * A number that was to be reached. Whether it was is printed and written down, and changes nothing
 * else.
 *
 * @param what was measured, against what
 * @param unit of both numbers; empty for ratios
 */
public record Target(String what, double value, boolean isLeast, double limit, String unit) {
  /** A target that is missed by less. */
  public static Target atLeast(double limit, String unit, String what, double value) {
    return new Target(what, value, true, limit, unit);
  }

  /** A target that is missed by more. */
  public static Target atMost(double limit, String unit, String what, double value) {
    return new Target(what, value, false, limit, unit);
  }

  public boolean isMet() {
    return isLeast ? value >= limit : value <= limit;
  }

  /** For the end of a line. */
  public String verdict() {
    return isMet() ? "met" : "MISSED";
  }

  /** Writes it down. */
  public void addTo(Report report) {
    report
        .row("target")
        .with("what", what)
        .with("measured_value", value)
        .with("limit", String.format(Locale.ROOT, "%s %.4g", isLeast ? "≥" : "≤", limit))
        .with("unit", unit)
        .with("verdict", isMet() ? "met" : "missed");
  }
}
