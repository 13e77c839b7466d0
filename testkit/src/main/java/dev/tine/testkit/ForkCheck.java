package dev.tine.testkit;

import dev.tine.fork.Fork;
import dev.tine.fork.JvmFork;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * How {@link ForkSafety} checks, for tests that want it otherwise. Immutable: each method returns
 * another.
 *
 * @param fork how to fork; by default {@link JvmFork#fork()}
 * @param limit how long the code may take in a child, and the check in waiting for it; by default a
 *     minute
 * @param ignored what is known and wanted; by default nothing
 */
public record ForkCheck(Supplier<Fork> fork, Duration limit, Predicate<? super Shared> ignored) {

  /** What {@link ForkSafety} does. */
  public static ForkCheck standard() {
    return new ForkCheck(JvmFork::fork, Duration.ofMinutes(1), _ -> false);
  }

  /** Forks in another way: with the options that the program uses. */
  public ForkCheck forkingBy(Supplier<Fork> other) {
    return new ForkCheck(other, limit, ignored);
  }

  /** Waits longer, or less. A child that has not finished by then is killed, and reported. */
  public ForkCheck within(Duration other) {
    return new ForkCheck(fork, other, ignored);
  }

  /** Leaves out what is wanted to be shared. */
  public ForkCheck ignoring(Predicate<? super Shared> other) {
    Predicate<? super Shared> before = ignored;
    return new ForkCheck(fork, limit, shared -> before.test(shared) || other.test(shared));
  }

  /**
   * Checks the code.
   *
   * @return what was found, {@link Report#orThrow} of which fails a test
   * @throws AssertionError if the code fails already before the fork
   * @throws IllegalStateException if the processes cannot be compared on this machine
   */
  public Report inspect(RecordingCode code) {
    return new Report(
        new Inspection(this, code).run().stream().filter(item -> !ignored.test(item)).toList());
  }
}
