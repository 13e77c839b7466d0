package dev.tine.run;

import java.time.Duration;

/**
 * So many restarts are accepted within a time, and one more is not.
 *
 * @param count 0: the first one is too many
 */
public record RestartLimit(int count, Duration period) {
  @Override
  public String toString() {
    return count + "/" + period.toSeconds() + "s";
  }
}
