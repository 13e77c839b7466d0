package dev.tine.testkit;

import java.util.List;

/**
 * What a check found.
 *
 * @param shared in the order in which it was found; empty: nothing
 */
public record Report(List<Shared> shared) {

  /** Keeps a copy of the list. */
  public Report {
    shared = List.copyOf(shared);
  }

  /** Whether nothing was found. */
  public boolean isSafe() {
    return shared.isEmpty();
  }

  /** This report, if nothing was found; else throws {@link AssertionError} with what was found. */
  public Report orThrow() {
    if (!isSafe()) {
      throw new AssertionError(toString());
    }
    return this;
  }

  /** A line for each thing that was found. */
  @Override
  public String toString() {
    if (isSafe()) {
      return "safe to fork, as far as this code goes";
    }
    var text = new StringBuilder("not safe to fork:");
    shared.forEach(item -> text.append("\n  * ").append(item.toString().replace("\n", "\n    ")));
    return text.toString();
  }
}
