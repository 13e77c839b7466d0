package dev.tine.run;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether a program that is being warmed gets no faster any more: rates of equal windows of time,
 * and what its compilers used in each.
 *
 * <p>The rate alone does not tell: where clients, program and compilers share few processors, it
 * stands still while half of them compile.
 */
final class Flatness {
  /** Windows that must have brought nothing new. */
  private static final int SETTLED = 4;

  /** Fewer than this tell nothing: the compilers have not begun. */
  private static final int FEWEST = 6;

  private static final double BETTER = 1.05;

  /** Processors that the compilers use when they have done what is worth waiting for. */
  static final double QUIET = 0.1;

  private final List<Double> rates = new ArrayList<>();

  /**
   * Adds a window; true if the last ones were not better than those before, and the compilers are
   * quiet.
   *
   * @param compilers what they used; 1 is one processor
   */
  boolean add(double rate, double compilers) {
    rates.add(rate);
    if (rates.size() < FEWEST || compilers > QUIET) {
      return false;
    }
    int split = rates.size() - SETTLED;
    return best(split, rates.size()) <= best(0, split) * BETTER;
  }

  private double best(int from, int to) {
    return rates.subList(from, to).stream().mapToDouble(Double::doubleValue).max().orElse(0);
  }
}
