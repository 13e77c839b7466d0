package dev.tine.fork.internal;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.ForkException;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.Signal;
import dev.tine.sys.Errno;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SystemCallException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/** A child held by its pidfd, reaped by the {@link Reaper}. */
public final class ChildProcess implements ForkedProcess {
  /**
   * A thread for each: a dependent that blocks holds up neither the reaper nor another's, nor waits
   * for a pool.
   */
  private static final Executor EXITS =
      task -> Thread.ofPlatform().daemon().name("tine-exit").start(task);

  private final int pid;
  private final int owner = Pidfd.self();
  private final int pidfd;
  private final CompletableFuture<ExitStatus> ended = new CompletableFuture<>();

  /**
   * Guards the pidfd: it is closed when the process has ended, and its number may be another file's
   * then.
   */
  private final ReentrantLock lock = new ReentrantLock();

  private ChildProcess(int pid, int pidfd) {
    this.pid = pid;
    this.pidfd = pidfd;
  }

  /** The child that this process has just forked. */
  static ForkedProcess ofForked(int pid) {
    return watched(new ChildProcess(pid, Pidfd.ofForked()));
  }

  /**
   * The child with this pid that a mold has made, and nobody has waited for yet.
   *
   * @throws ForkException there is no descriptor to hold it by; it is ended
   */
  public static ForkedProcess ofMold(int pid) {
    int pidfd;
    try {
      pidfd = Pidfd.open(pid); // the child is not reaped yet, so the pid cannot be another's
    } catch (SystemCallException e) {
      int ignored = Pidfd.discard(pid); // ESRCH: someone else has waited for it
      throw new ForkException(
          ForkException.Stage.ORDER,
          e.errno(),
          "cannot fork a worker: no descriptor to hold it by: "
              + e.getMessage()
              + Limits.hint(e.errno()));
    }
    return watched(new ChildProcess(pid, pidfd));
  }

  private static ForkedProcess watched(ChildProcess child) {
    Reaper.watch(child);
    return child;
  }

  @Override
  public long pid() {
    return pid;
  }

  @Override
  public ExitStatus waitFor() throws InterruptedException {
    try {
      return end().get();
    } catch (ExecutionException e) {
      throw new CompletionException(e); // never completed so
    }
  }

  @Override
  public Optional<ExitStatus> waitFor(Duration timeout) throws InterruptedException {
    try {
      return Optional.of(end().get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new CompletionException(e); // never completed so
    }
  }

  @Override
  public CompletableFuture<ExitStatus> onExit() {
    return end().thenApplyAsync(status -> status, EXITS);
  }

  @Override
  public boolean isAlive() {
    return !end().isDone();
  }

  @Override
  public boolean signal(Signal signal) {
    lock.lock();
    try {
      if (owner != Pidfd.self()) {
        throw new IllegalStateException(
            "process %d is a child of process %d, not of this one".formatted(pid, owner));
      }
      if (ended.isDone()) {
        return false;
      }
      int error = -Pidfd.signal(pidfd, signal.number());
      if (error != 0 && error != Errno.ESRCH) {
        throw new IllegalStateException(
            "cannot send %s to process %d: %s".formatted(signal, pid, Errno.text(error)));
      }
      return error == 0;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "process "
        + pid
        + (isAlive() ? "" : " (" + ended.getNow(new ExitStatus.Unknown("")) + ")");
  }

  int pidfd() {
    return pidfd;
  }

  /** Whether this object was copied by a fork: it is over then. */
  boolean isForeign() {
    return owner != Pidfd.self() && end().isDone();
  }

  /** Looks whether it has ended; true if so. */
  boolean reap() {
    lock.lock();
    try {
      if (!ended.isDone()) {
        Pidfd.reap(pidfd).ifPresent(exit -> end(status(exit)));
      }
    } catch (SystemCallException e) {
      end(owner != Pidfd.self() ? notOurs() : new ExitStatus.Unknown(lost(e)));
    } finally {
      lock.unlock();
    }
    return ended.isDone();
  }

  /** The future of the end; over already where the process is not a child of this one. */
  private CompletableFuture<ExitStatus> end() {
    if (owner != Pidfd.self()) {
      lock.lock();
      try {
        if (!ended.isDone()) {
          end(notOurs());
        }
      } finally {
        lock.unlock();
      }
    }
    return ended;
  }

  /** This object was copied by a fork. */
  private ExitStatus notOurs() {
    return new ExitStatus.Unknown(
        "it is not a child of this process but of process %d".formatted(owner));
  }

  private void end(ExitStatus status) {
    // Closed first: whoever has waited for the end finds nothing of the child left.
    Pidfd.close(pidfd);
    ended.complete(status);
  }

  private static String lost(SystemCallException e) {
    return e.errno() == Errno.ECHILD
        ? "its status was taken by someone else who waits for children of this process, or SIGCHLD"
            + " is ignored"
        : String.valueOf(e.getMessage());
  }

  private static ExitStatus status(Pidfd.Exit exit) {
    return exit.signaled()
        ? new ExitStatus.Signaled(new Signal(exit.value()), exit.coreDumped())
        : new ExitStatus.Exited(exit.value());
  }
}
