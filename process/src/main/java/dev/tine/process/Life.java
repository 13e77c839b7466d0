package dev.tine.process;

import dev.tine.sys.ChildCall;
import dev.tine.sys.ChildCall.Wait;
import dev.tine.sys.Errno;
import dev.tine.sys.Pidfd;
import dev.tine.sys.Poller;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The life of a subprocess, from its start to its end: who waits for the end, and what can be sent
 * to it before.
 */
final class Life {
  /** How often a child is looked at that has ended for the kernel, but not for waitid(2). */
  private static final Duration RETRY = Duration.ofMillis(10);

  private final EventLoop loop;
  private final int pid;
  private final boolean hasOwnGroup;
  private final long startNanos;
  private final Watch watch;

  /** Completed on the loop if anything depends on it: see {@link #ready}. */
  private final CompletableFuture<ExitStatus> ended = new CompletableFuture<>();

  /**
   * For threads that wait. Nothing depends on it: whoever waits for a future runs what depends on
   * it, too, and that belongs to the loop.
   */
  private final CompletableFuture<ExitStatus> known = new CompletableFuture<>();

  private boolean hasDependents;
  private @Nullable ThreadWait threadWait;
  private @Nullable Stopping stopping;

  /** Takes over a pidfd. */
  Life(EventLoop loop, int pid, int pidfd, boolean hasOwnGroup, long startNanos) {
    this.loop = loop;
    this.pid = pid;
    this.hasOwnGroup = hasOwnGroup;
    this.startNanos = startNanos;
    this.watch = loop.watch(pidfd, new Watch.User(this::ready, this::disown));
  }

  /** Begins to wait for the end; if that cannot be, it is killed. */
  synchronized void begin() {
    try {
      watch.arm(Poller.READABLE);
    } catch (IllegalStateException e) {
      // Nobody would hear of its end.
      Pidfd.signal(watch.fd(), Signal.KILL.number());
      loop.schedule(RETRY, () -> ready(0));
      throw e;
    }
  }

  boolean isOver() {
    return known.isDone();
  }

  boolean hasOwnGroup() {
    return hasOwnGroup;
  }

  /** How it has ended; empty: it has not. */
  Optional<ExitStatus> status() {
    return isOver() ? Optional.of(known.join()) : Optional.empty();
  }

  /** Completed on the loop; what depends on it must not wait. */
  synchronized CompletableFuture<ExitStatus> ended() {
    hasDependents = true;
    return ended;
  }

  /** To be waited for; nothing may depend on it. */
  CompletableFuture<ExitStatus> known() {
    return known;
  }

  /** Whether a signal was sent to the process; not if it has ended. */
  synchronized boolean signal(Signal signal) {
    return canSignal() && sent(Pidfd.signal(watch.fd(), signal.number()), signal);
  }

  /** Whether a signal was sent to its process group; not if the process has ended. */
  synchronized boolean signalGroup(Signal signal) {
    // Under the lock that it is reaped under: until then the group's number is not used again.
    return canSignal() && sent(Pidfd.signalGroup(pid, signal.number()), signal);
  }

  /** Notes that it is being stopped; false: it has ended. */
  synchronized boolean isStoppedBy(Stopping begun) {
    if (watch.isClosed()) {
      return false;
    }
    stopping = begun;
    return true;
  }

  /**
   * Waits for the end as the only one who does, in place of the loop: for a platform thread that is
   * faster. Returns early if the thread is interrupted, or somebody else wants to hear of the end.
   */
  void waitOnThisThread(long limitNanos) {
    if (Thread.currentThread().isVirtual() || isOver()) {
      return;
    }
    long beginNanos = System.nanoTime();
    ThreadWait wait;
    synchronized (this) {
      if (watch.isClosed() || !watch.isOurs() || hasDependents || threadWait != null) {
        return;
      }
      Optional<ThreadWait> opened = ThreadWait.open();
      if (opened.isEmpty()) {
        return;
      }
      wait = opened.get();
      threadWait = wait;
      watch.arm(0);
    }
    try {
      long leftNanos = limitNanos;
      while (!isOver() && leftNanos > 0 && !Thread.currentThread().isInterrupted()) {
        // The number may be another file's as soon as the loop has reaped, or a fork has disowned:
        // whoever closes it rings.
        if (wait.await(watch.fd(), leftNanos)) {
          ready(0);
          break; // if a debugger has to let go of it first, the loop waits for that
        }
        leftNanos = limitNanos - (System.nanoTime() - beginNanos);
      }
    } finally {
      synchronized (this) {
        threadWait = null;
        if (!watch.isClosed() && watch.isOurs()) {
          watch.arm(Poller.READABLE);
        }
      }
      wait.free();
    }
  }

  /** In a forked child: it is no child of this process, which will not hear of its end. */
  private void disown() {
    synchronized (this) {
      if (watch.isClosed()) {
        return;
      }
      closeWatch();
    }
    ExitStatus status =
        new ExitStatus.Unknown(
            DisownedException.REASON, Duration.ofNanos(System.nanoTime() - startNanos));
    known.complete(status);
    ended.complete(status);
  }

  /** It has ended, as a rule. Called by the loop, or by a thread that waits in its place. */
  private void ready(int events) {
    if (!watch.isOurs()) {
      disown();
      return;
    }
    ExitStatus status;
    boolean elsewhere;
    synchronized (this) {
      if (watch.isClosed()) {
        return;
      }
      if (stopping != null && hasOwnGroup) {
        // Before it is reaped, or the number could be another group's.
        var _ = Pidfd.signalGroup(pid, Signal.KILL.number());
      }
      Wait wait = ChildCall.wait(watch.fd());
      Duration wallTime = Duration.ofNanos(System.nanoTime() - startNanos);
      switch (wait) {
        case Wait.Running running -> {
          // A debugger has to let go of it first.
          loop.schedule(RETRY, () -> ready(0));
          return;
        }
        case Wait.Ended end -> status = Ends.of(end, wallTime);
        case Wait.Failed failed -> status = Ends.of(failed, wallTime);
      }
      elsewhere = hasDependents && !loop.isLoopThread();
      if (elsewhere) {
        // Before the watch is closed: after it, a loop that was told to close may have ended.
        loop.execute(() -> endedWhenClosed(status));
      } else if (!hasDependents) {
        // Under the lock: what comes to depend on it in between would not be called on the loop.
        ended.complete(status);
      }
      closeWatch();
      // After the line above: who hears of the end finds no descriptor of it open.
      known.complete(status);
    }
    if (stopping != null) {
      stopping.end();
    }
    if (!elsewhere) {
      ended.complete(status);
    }
  }

  private void endedWhenClosed(ExitStatus status) {
    synchronized (this) {
      assert watch.isClosed(); // by who has the lock while this is asked for
    }
    ended.complete(status);
  }

  private void closeWatch() {
    watch.close();
    if (threadWait != null) {
      threadWait.ring();
    }
  }

  private static boolean sent(int result, Signal signal) {
    if (result == 0) {
      return true;
    }
    if (result == -Errno.ESRCH) {
      return false;
    }
    throw new IllegalStateException("cannot send " + signal + ": " + Errno.text(-result));
  }

  private boolean canSignal() {
    return !watch.isClosed() && watch.isOurs();
  }
}
