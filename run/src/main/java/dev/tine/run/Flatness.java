package dev.tine.run;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether a program that is being warmed gets no faster any more: rates of equal windows of time.
 */
final class Flatness {
  /** Windows that must have brought nothing new. */
  private static final int SETTLED = 4;

  /** Fewer than this tell nothing: the compilers have not begun. */
  private static final int FEWEST = 6;

  private static final double BETTER = 1.05;

  private final List<Double> rates = new ArrayList<>();

  /** Adds the rate of a window; true if the last ones were not better than those before. */
  boolean add(double rate) {
    rates.add(rate);
    if (rates.size() < FEWEST) {
      return false;
    }
    int split = rates.size() - SETTLED;
    return best(split, rates.size()) <= best(0, split) * BETTER;
  }

  private double best(int from, int to) {
    return rates.subList(from, to).stream().mapToDouble(Double::doubleValue).max().orElse(0);
  }
}
