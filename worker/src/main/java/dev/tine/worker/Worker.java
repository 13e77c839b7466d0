package dev.tine.worker;

import java.time.Duration;
import java.util.Objects;

/**
 * The process that this code runs in, if it is a worker of {@code tine run}. In any other process
 * all calls do nothing.
 */
public final class Worker {
  /** What {@code tine run} sets in each worker, to its pid. */
  static final String PROPERTY = "dev.tine.worker";

  private static final Deadline NONE = () -> {};

  private Worker() {}

  /** {@link #deadline(Duration, String)} without a label. */
  public static Deadline deadline(Duration limit) {
    return deadline(limit, "");
  }

  /**
   * Says that what this thread does now must be done within a time, or the worker is stuck: the
   * monitor writes down what is known of it, with this thread and its stack, and replaces it, as it
   * does with one that runs no Java code.
   *
   * <pre>{@code
   * try (var deadline = Worker.deadline(Duration.ofSeconds(20), "GET /report")) {
   *   ...
   * }
   * }</pre>
   *
   * <p>It is no timeout of one request: it ends the process, and with it every request that is open
   * in it. So the limit is the time after which nothing good is expected any more. It is looked at
   * with each {@code --liveness-interval}, and not at all with {@code --liveness-timeout 0s}, or in
   * a JDK without the module {@code java.management}.
   *
   * <p>Each call counts as a request for {@code --max-requests}.
   *
   * @param limit more than nothing
   * @param label what is being done, for the report
   * @return to be closed when it is done
   * @throws IllegalArgumentException if the limit is not positive
   */
  public static Deadline deadline(Duration limit, String label) {
    Objects.requireNonNull(label, "label");
    if (limit.isZero() || limit.isNegative()) {
      throw new IllegalArgumentException("a deadline must be in the future: " + limit);
    }
    String worker = System.getProperty(PROPERTY);
    if (worker == null || !Deadlines.AVAILABLE) {
      return NONE;
    }
    return Deadlines.open(worker, limit, label);
  }
}
