package dev.tine.fork.internal;

import java.util.Optional;

/**
 * A lock on a file that a process holds, and its forked children do not.
 *
 * @param number of a descriptor of the file
 * @param path of the file, as {@code /proc/PID/fd} says
 * @param kind whom it belongs to
 * @param exclusive for writing
 * @param begin the first byte that is locked
 * @param end the last one; {@link #TO_THE_END}: all that follow
 */
record RecordLock(int number, String path, Kind kind, boolean exclusive, long begin, long end) {
  static final long TO_THE_END = Long.MAX_VALUE;

  /** Whom a lock belongs to. */
  enum Kind {
    /**
     * The process: fcntl(2), and {@code java.nio.channels.FileLock}. A child has none of them,
     * though the objects of its copy say otherwise.
     */
    POSIX,
    /** The description: flock(2). A child has a description of its own, without it. */
    FLOCK,
    /** The description: fcntl(2) with F_OFD_SETLK. Likewise. */
    OFD
  }

  /** Of a line of fdinfo: {@code "lock:\t1: POSIX ADVISORY WRITE 359 00:13:11691 0 EOF"}. */
  static Optional<RecordLock> parse(int number, String path, String line) {
    String[] words = line.strip().split("\\s+", -1);
    if (!words[0].equals("lock:") || words.length < 9) {
      return Optional.empty();
    }
    Kind kind;
    switch (words[2]) {
      case "POSIX" -> kind = Kind.POSIX;
      case "FLOCK" -> kind = Kind.FLOCK;
      case "OFDLCK" -> kind = Kind.OFD;
      default -> {
        return Optional.empty(); // a lease, or a delegation of a file server
      }
    }
    return Optional.of(
        new RecordLock(
            number,
            path,
            kind,
            words[4].equals("WRITE"),
            Long.parseLong(words[7]),
            words[8].equals("EOF") ? TO_THE_END : Long.parseLong(words[8])));
  }
}
