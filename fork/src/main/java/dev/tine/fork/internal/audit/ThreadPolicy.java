package dev.tine.fork.internal.audit;

import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Which threads a fork could stop, and re-create in the child. */
final class ThreadPolicy {
  private static final int FIRST_SIGNAL = 35; // SIGRTMIN + 1
  private static final int LAST_SIGNAL = 64;

  private ThreadPolicy() {}

  /**
   * The signal that a fork would stop threads with.
   *
   * @param caught signals with a handler
   * @param chosen by {@code -Ddev.tine.fork.signal}, or by an earlier fork; empty: not yet
   */
  static OptionalInt signal(long caught, OptionalInt chosen) {
    return chosen.isPresent()
        ? chosen
        : IntStream.rangeClosed(FIRST_SIGNAL, LAST_SIGNAL)
            .filter(signal -> (caught >>> (signal - 1) & 1) == 0)
            .findFirst();
  }

  static List<Finding> findings(int leader, List<Task> tasks, OptionalInt signal) {
    List<Finding> findings = new ArrayList<>();
    if (signal.isEmpty()) {
      findings.add(
          new Finding(
              new Subject.Whole(),
              Kind.PARK_SIGNAL,
              FIRST_SIGNAL + " to " + LAST_SIGNAL,
              Treatment.REFUSED,
              "Every real-time signal has a handler already, and one is needed to stop the"
                  + " threads. Take a library away that installs them."));
    }
    for (Task task : tasks) {
      findings.add(finding(task, task.tid() == leader ? Kind.LEADER : Kind.THREAD, signal));
    }
    return findings;
  }

  private static Finding finding(Task task, Kind kind, OptionalInt signal) {
    if (kind == Kind.LEADER && task.state() == 'Z') {
      return refused(
          task,
          kind,
          "It has exited, and the child would begin as a zombie. Do not call pthread_exit in"
              + " main(); the java launcher never does.");
    }
    if (signal.isPresent() && task.blocks(signal.getAsInt())) {
      return refused(
          task,
          kind,
          "It blocks signal %d, by which threads are stopped; unblock it there, or choose another with -Ddev.tine.fork.signal=N."
              .formatted(signal.getAsInt()));
    }
    return switch (task.state()) {
      case 'D' ->
          refused(
              task,
              kind,
              "It is in uninterruptible sleep in the kernel (a disk, a network file system, or"
                  + " vfork) and would not stop in time; try again.");
      case 'T', 't' -> refused(task, kind, "It is stopped or traced by a debugger; let it go on.");
      default ->
          new Finding(
              new Subject.Task(task.tid()),
              kind,
              task.name(),
              Treatment.REBUILT,
              "It goes on in both processes, where it was.");
    };
  }

  private static Finding refused(Task task, Kind kind, String why) {
    return new Finding(new Subject.Task(task.tid()), kind, task.name(), Treatment.REFUSED, why);
  }
}
