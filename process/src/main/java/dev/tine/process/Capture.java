package dev.tine.process;

import java.nio.file.Path;

/** How much of an output is kept in memory, and what becomes of more. */
public sealed interface Capture {
  /** 64 MiB; more fails the run. */
  Capture DEFAULT = failBeyond(64 << 20);

  /** Keeps so many bytes; more stops the subprocess, and the run fails. */
  static Capture failBeyond(int bytes) {
    return new Fail(atLeast(bytes, 0));
  }

  /** Keeps the first so many bytes; the rest is read and dropped. */
  static Capture truncateBeyond(int bytes) {
    return new Truncate(atLeast(bytes, 0));
  }

  /** Keeps the first and the last bytes; what is between is read and dropped. */
  static Capture headAndTail(int headBytes, int tailBytes) {
    return new HeadAndTail(atLeast(headBytes, 0), atLeast(tailBytes, 1));
  }

  /**
   * Keeps so many bytes in memory; if there are more, all go to a file, which is made or emptied.
   */
  static Capture spillBeyond(int bytes, Path file) {
    return new Spill(atLeast(bytes, 0), file);
  }

  /** See {@link Capture#failBeyond}. */
  record Fail(int bytes) implements Capture {}

  /** See {@link Capture#truncateBeyond}. */
  record Truncate(int bytes) implements Capture {}

  /** See {@link Capture#headAndTail}. */
  record HeadAndTail(int headBytes, int tailBytes) implements Capture {}

  /** See {@link Capture#spillBeyond}. */
  record Spill(int bytes, Path file) implements Capture {}

  private static int atLeast(int bytes, int least) {
    if (bytes < least) {
      throw new IllegalArgumentException("a capture of " + bytes + " bytes");
    }
    return bytes;
  }
}
