package dev.tine.prefork;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.tine.fork.Signal;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** SIGTERM and SIGINT, and every other way this JVM can end, as stop requests. */
final class JvmStopRequests implements StopRequests {
  /* Two ways in
   *
   * The signals let the monitor stop its workers *before* the JVM shuts down, so that the program's own
   * shutdown hooks find the workers gone, and let a second signal mean "at once". Whatever else ends
   * the JVM (System.exit in another thread, SIGHUP, -Xrs) arrives in the shutdown hook, which holds the JVM
   * until the monitor has stopped the workers.
   *
   * No deadlock: the monitor calls close() before it calls System.exit, so the hook finds the latch
   * open. If the JVM shuts down first, the monitor's thread is a live thread like any other until its
   * own System.exit, which then blocks for ever, as documented, while the hook returns.
   *
   * Workers of a second mold
   *
   * They are copies of a monitor that was listening. pause() takes the signals away before the freeze;
   * the hook stays, because a SIGTERM meanwhile must still stop the workers in an orderly way. So for the
   * moment until close() in such a worker its copy of the hook exists: it asks whose process it is in.
   */

  /** Twice the grace (SIGTERM, SIGKILL), and a second for the monitor to notice. */
  private static final Duration HOOK_LIMIT = Supervision.STOP_GRACE.multipliedBy(2).plusSeconds(1);

  private final Inbox inbox;
  private final TerminationSignals signals = new TerminationSignals();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final long monitorPid = OwnPid.read();
  private final Thread hook = new Thread(this::awaitMonitor, "tine-monitor-shutdown");
  private volatile Runnable posted = () -> {};
  private boolean isHooked;

  JvmStopRequests(Inbox inbox) {
    this.inbox = inbox;
  }

  @Override
  public void listen(Runnable posted) {
    this.posted = posted;
    if (!isHooked) {
      Runtime.getRuntime().addShutdownHook(hook);
      isHooked = true;
    }
    signals.take(this::post);
  }

  private void post(Signal signal) {
    inbox.post(new Event.StopRequested(signal));
    posted.run();
  }

  @Override
  public void pause() {
    signals.giveBack();
  }

  @Override
  public void close() {
    signals.giveBack();
    closed.countDown();
    if (isHooked) {
      isHooked = false;
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException _) {
        // The JVM is shutting down: the hook runs already and ends by itself.
      }
    }
  }

  private void awaitMonitor() {
    if (OwnPid.read() != monitorPid) {
      return;
    }
    inbox.post(new Event.JvmShutdown());
    posted.run();
    try {
      closed.await(HOOK_LIMIT.toNanos(), NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
