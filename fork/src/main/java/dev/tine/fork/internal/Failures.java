package dev.tine.fork.internal;

import dev.tine.fork.ForkException;
import dev.tine.repair.RepairException;
import dev.tine.sys.DescriptorCall;
import dev.tine.sys.Errno;
import dev.tine.sys.ForkCall;
import dev.tine.sys.OrderCall;
import dev.tine.sys.RefusalReason;
import dev.tine.sys.Stage;

/** Says what went wrong in a fork, why, and what helps. */
final class Failures {
  private Failures() {}

  static ForkException of(ForkCall.Result result, int errno) {
    if (result.refusal() != RefusalReason.NONE) {
      return Refusals.of(DescriptorCall.refusal());
    }
    String reason =
        switch (result.stage()) {
          case SIGNAL ->
              "signal %d has got a handler of someone else's; choose another with -D%s=N"
                  .formatted(ParkSignal.number(), ParkSignal.PROPERTY);
          case LEADER ->
              errno == Errno.ESRCH ? Support.leaderGone() : thread("the primordial thread", result);
          case PARK ->
              result.tid() != 0
                  ? thread("a thread", result)
                  : "threads could not be stopped: " + Errno.text(errno);
          case REPAIR -> repair(errno, result.what(), ended(result));
          default -> step(result.stage(), errno, result.exitSignal());
        };
    return new ForkException(stage(result.stage()), errno, "cannot fork: " + reason);
  }

  /** A child that could not be repaired. */
  static ForkException of(RepairException e) {
    return switch (e.kind()) {
      case SUPPORT -> Support.refused(e.reason());
      case BUSY ->
          new ForkException(ForkException.Stage.PARK, Errno.EBUSY, "cannot fork: " + e.reason());
    };
  }

  static ForkException of(OrderCall.Answer answer) {
    String reason =
        answer.stage() == Stage.REPAIR
            ? repair(answer.errno(), answer.what(), "it has ended")
            : step(answer.stage(), answer.errno(), 0);
    return new ForkException(
        stage(answer.stage()), answer.errno(), "cannot fork a worker: " + reason);
  }

  private static ForkException.Stage stage(Stage stage) {
    return switch (stage) {
      case NONE, ORDER -> ForkException.Stage.ORDER;
      case SIGNAL -> ForkException.Stage.SIGNAL;
      case LEADER -> ForkException.Stage.LEADER;
      case PARK -> ForkException.Stage.PARK;
      case SURVEY -> ForkException.Stage.SURVEY;
      case CLONE -> ForkException.Stage.CLONE;
      case PARENT_TIE -> ForkException.Stage.PARENT_TIE;
      case DESCRIPTORS -> ForkException.Stage.DESCRIPTORS;
      case IDENTITY -> ForkException.Stage.IDENTITY;
      case THREADS -> ForkException.Stage.THREADS;
      case VERDICT -> ForkException.Stage.VERDICT;
      case REPAIR -> ForkException.Stage.REPAIR;
    };
  }

  private static String thread(String which, ForkCall.Result result) {
    String who = "%s, \"%s\" (tid %d), ".formatted(which, result.threadName(), result.tid());
    int signal = ParkSignal.number();
    return who
        + switch (result.obstacle()) {
          case BLOCKED ->
              "blocks signal %d, by which threads are stopped; unblock it there, or choose another with -D%s=N"
                  .formatted(signal, ParkSignal.PROPERTY);
          case DISK ->
              "does not answer: it is in uninterruptible sleep in the kernel (state D: a disk, a"
                  + " network file system, or vfork); try again";
          case STOPPED -> "is stopped or traced by a debugger; let it go on";
          case NONE, SLOW ->
              "did not answer in time; the machine is overloaded, or the thread is starved: try"
                  + " again";
        };
  }

  private static String step(Stage stage, int errno, int exitSignal) {
    String why = Errno.text(errno);
    return switch (stage) {
      case SURVEY ->
          errno == Errno.ENOTSUP
              ? "a tool (jcmd, jstack) has attached to this JVM, and where that keeps the name of"
                  + " the socket is not known: the exit of a child would remove it. Start with"
                  + " -XX:+DisableAttachMechanism"
              : "the open descriptors could not be surveyed: "
                  + why
                  + (errno == Errno.ENOENT ? "; mount /proc" : Limits.hint(errno));
      case CLONE -> "the process could not be cloned: " + why + Limits.hint(errno);
      case PARENT_TIE ->
          errno == Errno.ECHILD
              ? "this process ended, or gave its children to another one, while the child was made"
              : "the child could not be tied to the life of its parent: " + why;
      case DESCRIPTORS ->
          "the child could not get descriptors of its own: " + why + Limits.hint(errno);
      case IDENTITY ->
          "the child could not get counters (hsperfdata) and a socket for tools of its own: " + why;
      case THREADS -> "the child could not create its threads: " + why + Limits.hint(errno);
      case VERDICT -> verdict(errno, exitSignal);
      default -> "the mold does not answer: " + why;
    };
  }

  private static String ended(ForkCall.Result result) {
    return result.exitSignal() != 0
        ? "it was killed by signal " + result.exitSignal()
        : "it has ended with status " + result.exitCode();
  }

  private static String repair(int errno, String what, String ended) {
    if (!what.isEmpty()) {
      return "the child could not make its own what only Java code can: %s; %s"
          .formatted(what, ended);
    }
    return switch (errno) {
      case Errno.ETIMEDOUT ->
          "the child did not finish its repairs in time and was killed: the machine is overloaded;"
              + " try again";
      case Errno.EMFILE ->
          "no descriptor was free to hear from the worker by, which was killed"
              + Limits.hint(errno);
      case Errno.ECANCELED -> "the mold ended while the child was not yet repaired";
      default -> "the child ended before it was repaired; " + ended;
    };
  }

  private static String verdict(int errno, int exitSignal) {
    if (errno == Errno.ETIMEDOUT) {
      return "the child did not become whole in time and was killed: the machine is overloaded, or"
          + " a file that it had to open again is on a server that does not answer; try"
          + " again";
    }
    return "the child ended before it was whole"
        + (exitSignal != 0 ? ", killed by signal " + exitSignal : "")
        + (errno != Errno.ECHILD ? ": " + Errno.text(errno) : "");
  }
}
