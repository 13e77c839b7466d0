package dev.tine.prefork;

/** Requests from outside the monitor's loop to stop, posted into its inbox. */
interface StopRequests extends AutoCloseable {
  /**
   * Begins, or begins again after {@link #pause}.
   *
   * @param posted called after each request, on a thread that may wait
   */
  void listen(Runnable posted);

  /** Gives the signals back, so that a mold frozen now does not carry our handlers. */
  void pause();

  /** Ends listening for good, and lets a JVM go that is waiting for the monitor. Idempotent. */
  @Override
  void close();
}
