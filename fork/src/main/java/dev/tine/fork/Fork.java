package dev.tine.fork;

/** Which of the two processes a call of {@link JvmFork#fork} has returned in. */
public sealed interface Fork {

  /**
   * The process that called.
   *
   * @param child the process that was made
   */
  record Parent(ForkedProcess child) implements Fork {}

  /** The process that was made. */
  record Child() implements Fork {}
}
