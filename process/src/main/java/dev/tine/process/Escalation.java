package dev.tine.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How a subprocess is made to end: signals, with the time it has after each.
 *
 * @param steps in their order; after the last there is no further one
 */
public record Escalation(List<Step> steps) {
  /** SIGTERM, and SIGKILL after 5 seconds. */
  public static final Escalation DEFAULT =
      signal(Signal.TERM).then(Duration.ofSeconds(5), Signal.KILL);

  /** SIGKILL at once. */
  public static final Escalation KILL = signal(Signal.KILL);

  /**
   * A signal.
   *
   * @param after time since the signal before it
   */
  public record Step(Duration after, Signal signal) {
    /** Refuses a time below zero. */
    public Step {
      if (after.isNegative()) {
        throw new IllegalArgumentException("a time below zero: " + after);
      }
    }
  }

  /** Refuses to do nothing. */
  public Escalation {
    steps = List.copyOf(steps);
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("an escalation without a step");
    }
  }

  /** Begins with a signal. */
  public static Escalation signal(Signal signal) {
    return new Escalation(List.of(new Step(Duration.ZERO, signal)));
  }

  /** If the subprocess has not ended some time later, another signal. */
  public Escalation then(Duration after, Signal signal) {
    List<Step> longer = new ArrayList<>(steps);
    longer.add(new Step(after, signal));
    return new Escalation(longer);
  }

  /** The time from the first signal to the last. */
  Duration length() {
    return steps.stream().map(Step::after).reduce(Duration.ZERO, Duration::plus);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Step step : steps) {
      if (!text.isEmpty()) {
        text.append(", wait ").append(step.after().toMillis()).append(" ms, ");
      }
      text.append(step.signal());
    }
    return text.toString();
  }
}
