package dev.tine.benchmarks;

import java.util.Arrays;

/** Measured values, and what is said of them. */
public final class Samples {
  private long[] values = new long[64];
  private int count;

  public void add(long value) {
    if (count == values.length) {
      values = Arrays.copyOf(values, 2 * count);
    }
    values[count++] = value;
  }

  public void addAll(Samples others) {
    for (int i = 0; i < others.count; i++) {
      add(others.values[i]);
    }
  }

  public int count() {
    return count;
  }

  public long median() {
    return percentile(50);
  }

  /** The smallest value that {@code percent} of all do not exceed; 0 if there is none. */
  public long percentile(int percent) {
    if (count == 0) {
      return 0;
    }
    long[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(count * percent / 100.0) - 1)];
  }
}
