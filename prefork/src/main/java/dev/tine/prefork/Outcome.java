package dev.tine.prefork;

/** How supervision ended, or that it never began in this process because this is a worker. */
sealed interface Outcome {
  record Exit(int code) implements Outcome {}

  record TooManyRestarts() implements Outcome {}

  record Interrupted() implements Outcome {}

  record InWorker(int id) implements Outcome {}
}
