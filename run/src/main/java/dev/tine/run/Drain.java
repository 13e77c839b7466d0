package dev.tine.run;

import dev.tine.fork.Signal;
import dev.tine.sys.ConnectionCall;
import dev.tine.sys.SystemCallException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a worker leaves: it stops to accept, finishes the requests that are open, and ends by itself;
 * or is killed when its time is up.
 *
 * <p>New connections go to its siblings from the first step on: they wait at the real socket, which
 * is the monitor's.
 *
 * <p>For the loop's thread. Nothing is told but by the end of the worker.
 */
final class Drain {
  private static final Duration TICK = Duration.ofMillis(50);

  /** Of the connections that held it. */
  private static final int TOLD = 20;

  /** For a moment in which no request is open, of all that come over connections kept alive. */
  private static final int QUIET_PART = 6;

  /** Of the time in all, for requests; the rest is the program's own to shut down. */
  private static final int REQUESTS_PART = 2;

  private final Loop loop;
  private final Events events;
  private final Worker worker;
  private final Doors doors;
  private final List<Integer> ports;
  private final Duration timeout;
  private final Runnable onClosed;
  private final Runnable onEmpty;
  private final OpenRequests requests = new OpenRequests();
  private final long beginNanos = System.nanoTime();

  /**
   * Begins.
   *
   * @param doors from now on this object's
   * @param timeout until it is killed
   * @param onClosed it accepts no more, or never heard that it should not
   * @param onEmpty what is to be done when its requests are finished, such as to terminate it
   */
  Drain(
      Loop loop,
      Events events,
      Worker worker,
      Doors doors,
      List<Integer> ports,
      Duration timeout,
      Runnable onClosed,
      Runnable onEmpty) {
    this.loop = loop;
    this.events = events;
    this.worker = worker;
    this.doors = doors;
    this.ports = ports;
    this.timeout = timeout;
    this.onClosed = onClosed;
    this.onEmpty = onEmpty;
    worker.child().signal(Signal.CONT); // one that is stopped would never hear of it
    worker.exchange(doors.toHidden(), this::onExchanged);
    loop.after(timeout, this::onTimeout);
  }

  private void onExchanged(Optional<String> failure) {
    if (worker.child().isAlive()) {
      failure.ifPresent(reason -> events.tell(worker.event("drain-failed").with("reason", reason)));
    }
    onClosed.run();
    look();
  }

  private void look() {
    if (!worker.child().isAlive()) {
      doors.close();
      return;
    }
    List<ConnectionCall.Socket> held = connections();
    OpenRequests.Count count = requests.look(held);
    Duration elapsed = Duration.ofNanos(System.nanoTime() - beginNanos);
    Step step = step(count, elapsed, timeout);
    if (step == Step.WAIT) {
      loop.after(TICK, this::look);
      return;
    }
    if (step == Step.OVERDUE) { // its own shutdown may wait for them, or cut them off
      events.tell(with(worker.event("drain-overdue").with("after", elapsed), held));
    }
    onEmpty.run();
    doors.close(); // after: whoever makes a mold of it asks what it listens at
  }

  /** What is to be done next. */
  enum Step {
    /** Requests are open. */
    WAIT,
    /** None is, or none of those that were when it began. */
    END,
    /** Some are, and there is no more time for them. */
    OVERDUE
  }

  /**
   * Pure.
   *
   * @param elapsed since it began
   * @param timeout until it is killed
   */
  static Step step(OpenRequests.Count count, Duration elapsed, Duration timeout) {
    boolean isQuiet = count.left() == 0 && elapsed.compareTo(timeout.dividedBy(QUIET_PART)) > 0;
    if (count.open() == 0 || isQuiet) {
      return Step.END;
    }
    if (elapsed.compareTo(timeout.dividedBy(REQUESTS_PART)) <= 0) {
      return Step.WAIT;
    }
    return count.left() > 0 ? Step.OVERDUE : Step.END;
  }

  private List<ConnectionCall.Socket> connections() {
    try {
      Set<Long> its = Inodes.socketsOf(worker.pid());
      return ConnectionCall.list(ports).stream()
          .filter(socket -> !socket.listens() && its.contains(socket.inode()))
          .toList();
    } catch (SystemCallException e) {
      return List.of(); // a kernel without sock_diag: the program's own shutdown has to do
    }
  }

  private void onTimeout() {
    if (!worker.child().isAlive()) {
      return;
    }
    events.tell(with(worker.event("drain-timeout").with("after", timeout), connections()));
    worker.kill();
  }

  private static Event with(Event event, List<ConnectionCall.Socket> held) {
    return event
        .with("connections", held.size())
        .details(
            held.stream()
                .limit(TOLD)
                .map(socket ->
                    socket.remote() + (OpenRequests.isOpen(socket) ? ", with an open request" : ""))
                .toList());
  }
}
