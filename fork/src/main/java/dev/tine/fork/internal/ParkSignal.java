package dev.tine.fork.internal;

import dev.tine.fork.ForkException;
import dev.tine.sys.Errno;
import dev.tine.sys.ForkCall;
import java.util.OptionalInt;

/**
 * The real-time signal that parks threads: chosen once, and the same in every process forked from
 * this one.
 */
final class ParkSignal {
  static final String PROPERTY = "dev.tine.fork.signal";

  /** SIGRTMIN + 1: glibc keeps the two below SIGRTMIN (34) for itself. */
  private static final int FIRST = 35;

  private static final int LAST = 64;

  private static int number;

  private ParkSignal() {}

  /** The number; callers hold the turn to fork. */
  static int number() {
    if (number == 0) {
      String property = System.getProperty(PROPERTY);
      number = property != null ? parse(property) : free(ForkCall.freeSignal());
    }
    return number;
  }

  /** The number, if there is one already; empty: the next fork will choose one. */
  static OptionalInt chosen() {
    String property = System.getProperty(PROPERTY);
    return number != 0
        ? OptionalInt.of(number)
        : property != null ? OptionalInt.of(parse(property)) : OptionalInt.empty();
  }

  static int parse(String property) {
    try {
      int value = Integer.parseInt(property.trim());
      if (value >= FIRST && value <= LAST) {
        return value;
      }
    } catch (NumberFormatException e) {
      // refused below, with the same words
    }
    throw new ForkException(
        ForkException.Stage.SIGNAL,
        0,
        "cannot fork: -D%s=%s is not a number from %d to %d"
            .formatted(PROPERTY, property, FIRST, LAST));
  }

  static int free(int found) {
    if (found > 0) {
      return found;
    }
    throw new ForkException(
        ForkException.Stage.SIGNAL,
        Errno.EBUSY,
        ("cannot fork: every real-time signal from %d to %d has a handler already, and one is"
                + " needed to stop the threads. Take a library away that installs them, or free one"
                + " and name it: -D%s=N")
            .formatted(FIRST, LAST, PROPERTY));
  }
}
