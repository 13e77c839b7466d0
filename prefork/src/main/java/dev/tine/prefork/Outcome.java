package dev.tine.prefork;

/** How supervision ended, or which process this is instead of the monitor. */
sealed interface Outcome {
  record Exit(int code) implements Outcome {}

  record TooManyRestarts() implements Outcome {}

  record Interrupted() implements Outcome {}

  /** A copy of the monitor, made by a fork in another thread of the program. */
  record InCopy() implements Outcome {}

  record InWorker(int id) implements Outcome {}
}
