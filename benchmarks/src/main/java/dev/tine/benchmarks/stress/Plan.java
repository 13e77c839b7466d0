package dev.tine.benchmarks.stress;

import java.nio.file.Path;
import java.util.Random;

/**
 * What one child is to do, decided before it is forked.
 *
 * @param number of the fork, from 0
 * @param code to exit with, 0 to 99
 * @param collects whether it calls {@code System.gc()}
 * @param brief whether it leaves out what takes long
 * @param forker which thread calls fork()
 * @param notes the file in which it says how far it is
 */
record Plan(
    int number,
    Ending ending,
    int code,
    boolean collects,
    boolean brief,
    Forker forker,
    Path notes) {
  static final String ASLEEP = "asleep";

  /** A thread that calls fork(). */
  enum Forker {
    MAIN,
    POOLED,
    VIRTUAL
  }

  static Plan of(int number, Random random, Path directory, boolean brief) {
    Forker[] forkers = Forker.values();
    return new Plan(
        number,
        Ending.of(number),
        random.nextInt(100),
        random.nextInt(brief ? 10 : 3) == 0,
        brief,
        forkers[random.nextInt(forkers.length)],
        directory.resolve("child-" + number));
  }

  /** The same for a child of the child, which simply exits. */
  Plan ofGrandchild() {
    return new Plan(
        number,
        Ending.EXIT,
        code,
        collects,
        brief,
        forker,
        notes.resolveSibling(notes.getFileName() + "-child"));
  }
}
