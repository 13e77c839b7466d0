package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SystemCallException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A child process of the monitor, held by a pidfd: its end is seen by the {@link Loop}, and no
 * signal reaches another process that has its pid later.
 *
 * <p>For the loop's thread.
 */
final class Child {
  /** All of this process that are waited for, by pid. */
  private static final Set<Integer> AWAITED = new HashSet<>();

  private final int pid;
  private final int pidfd;
  private final Instant since = Instant.now();
  private final long sinceNanos = System.nanoTime();
  private Optional<ExitStatus> status = Optional.empty();

  private Child(int pid, int pidfd) {
    this.pid = pid;
    this.pidfd = pidfd;
  }

  /**
   * Watches a child, which nobody else reaps.
   *
   * @param onExit runs once, on the loop
   */
  static Child watch(Loop loop, int pid, Consumer<ExitStatus> onExit) {
    return adopt(loop, pid, Pidfd.open(pid), onExit);
  }

  /** Sees to the end of a child that could not become whole, and has ended or is about to. */
  static void leave(Loop loop, int pid) {
    try {
      watch(loop, pid, status -> {});
    } catch (SystemCallException e) {
      // No descriptor is free. It is a stranger then, and reaped as such.
    }
  }

  /** As {@link #watch}, with a pidfd that is from now on this object's. */
  static Child adopt(Loop loop, int pid, int pidfd, Consumer<ExitStatus> onExit) {
    var child = new Child(pid, pidfd);
    AWAITED.add(pid);
    loop.watch(child.pidfd, () -> child.reap(loop, onExit));
    return child;
  }

  private void reap(Loop loop, Consumer<ExitStatus> onExit) {
    ExitStatus how;
    try {
      Optional<Pidfd.Exit> exit = Pidfd.reap(pidfd);
      if (exit.isEmpty()) {
        return;
      }
      how = statusOf(exit.get());
    } catch (SystemCallException e) {
      how = new ExitStatus.Unknown(String.valueOf(e.getMessage()));
    }
    status = Optional.of(how);
    AWAITED.remove(pid);
    // Before the news: whoever hears it may start a process, whose pidfd may get this number.
    loop.unwatch(pidfd);
    Pidfd.close(pidfd);
    onExit.accept(how);
  }

  private static ExitStatus statusOf(Pidfd.Exit exit) {
    return exit.signaled()
        ? new ExitStatus.Signaled(new Signal(exit.value()), exit.coreDumped())
        : new ExitStatus.Exited(exit.value());
  }

  /** Whether an object of this class waits for the child with this pid. */
  static boolean isAwaited(int pid) {
    return AWAITED.contains(pid);
  }

  int pid() {
    return pid;
  }

  Instant since() {
    return since;
  }

  Duration age() {
    return Duration.ofNanos(System.nanoTime() - sinceNanos);
  }

  boolean isAlive() {
    return status.isEmpty();
  }

  /** Does nothing if it has ended. */
  void signal(Signal signal) {
    if (isAlive()) {
      int ignored = Pidfd.signal(pidfd, signal.number()); // ESRCH: it has just ended
    }
  }

  /** To its process group, of which it is the leader. */
  void signalGroup(Signal signal) {
    if (isAlive()) { // not reaped: the number of the group is still its own
      int ignored = Pidfd.signalGroup(pid, signal.number());
    }
  }
}
