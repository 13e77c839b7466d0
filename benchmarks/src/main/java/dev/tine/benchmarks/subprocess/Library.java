package dev.tine.benchmarks.subprocess;

import java.util.concurrent.CountDownLatch;

/** A library that starts programs, as the measurements use it. */
interface Library {

  /**
   * Runs programs to their ends, some at a time.
   *
   * @param pipes 0: with stdin, stdout and stderr of this process; 3: with a pipe for each
   */
  void spawn(int count, int inFlight, int pipes) throws Exception;

  /** Runs a program without pipes; answers the time at which its end was known. */
  long endNanos(String... command) throws Exception;

  /** Prepares as many echoes, each of {@code cat}, which are counted down as they end. */
  Echo echo(int count, long bytesEach, CountDownLatch ended) throws Exception;

  /** Starts a {@code cat} that lives until it is closed, with three pipes. */
  AutoCloseable live() throws Exception;

  /** What was prepared, and begins when it is told to. */
  interface Echo {
    void begin();

    /** After all have ended: how many bytes came back. */
    long echoed();
  }
}
