package dev.tine.prefork;

import static java.lang.System.Logger.Level.WARNING;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.tine.fork.ForkException;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.Signal;
import dev.tine.sys.Errno;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The loop that supervises: takes an event, asks {@link Supervision} what to do, does it.
 *
 * <p>One thread, the caller of {@link #run}, does everything; other threads only post events.
 */
final class Monitor {
  /** A mold takes some 10 ms for a worker, and more than this only if it is stopped or stuck. */
  private static final Duration MOLD_PATIENCE = Duration.ofSeconds(1);

  private final Supervision supervision;
  private final Molds molds;
  private final Titles titles;
  private final Inbox inbox;
  private final StopRequests stopRequests;
  private final System.Logger logger;
  private final LongSupplier ownPid;
  private final long monitorPid;
  private final Map<Integer, ForkedProcess> workers = new HashMap<>();
  private final ReentrantLock forking = new ReentrantLock();
  private volatile Molds.Handle mold;
  private volatile boolean stopRequested;
  private int generation = 1;
  private boolean isMonitor = true;

  Monitor(
      Supervision supervision,
      Molds molds,
      Molds.Handle firstMold,
      Titles titles,
      Inbox inbox,
      StopRequests stopRequests,
      System.Logger logger,
      LongSupplier ownPid) {
    this.supervision = supervision;
    this.molds = molds;
    this.mold = firstMold;
    this.titles = titles;
    this.inbox = inbox;
    this.stopRequests = stopRequests;
    this.logger = logger;
    this.ownPid = ownPid;
    this.monitorPid = ownPid.getAsLong();
  }

  /**
   * Supervises until all workers are gone for good.
   *
   * @return how that ended; or {@link Outcome.InWorker}, in a worker of a mold that this monitor
   *     made after its first
   */
  Outcome run() {
    try {
      stopRequests.listen(this::unblock);
      reportExitOf(mold);
      Optional<Outcome> outcome = handle(new Event.Started());
      while (outcome.isEmpty()) {
        Event event = nextEvent();
        if (ownPid.getAsLong() != monitorPid) {
          // All threads go on in a child, this one too, when another one calls JvmFork.fork().
          isMonitor = false;
          return new Outcome.InCopy();
        }
        outcome = handle(event);
      }
      return outcome.get();
    } finally {
      if (isMonitor) {
        leaveNothing();
      }
      stopRequests.close();
    }
  }

  private Event nextEvent() {
    try {
      return inbox.take();
    } catch (InterruptedException _) {
      return new Event.Interrupted();
    }
  }

  private Optional<Outcome> handle(Event event) {
    if (event instanceof Event.WorkerExited exit) {
      workers.remove(exit.id());
    }
    for (Action action : supervision.on(event)) {
      Optional<Outcome> outcome = perform(action);
      if (outcome.isPresent()) {
        return outcome;
      }
    }
    return Optional.empty();
  }

  private Optional<Outcome> perform(Action action) {
    switch (action) {
      case Action.Log(var level, var text) -> logger.log(level, text);
      case Action.SignalWorkers(var signal) -> signalWorkers(signal);
      case Action.Schedule(var delay, var event) -> inbox.postAfter(delay, event);
      case Action.Fork(int id, int fromGeneration) -> {
        return fork(id, fromGeneration);
      }
      case Action.End(var outcome) -> {
        return Optional.of(outcome);
      }
    }
    return Optional.empty();
  }

  private Optional<Outcome> fork(int id, int fromGeneration) {
    try {
      if (generation < fromGeneration) {
        Optional<Outcome> inWorker = replaceMold(fromGeneration);
        if (inWorker.isPresent()) {
          return inWorker;
        }
      }
      ForkedProcess worker = orderWorker(id);
      workers.put(id, worker);
      var _ =
          worker
              .onExit()
              .thenAccept(status -> inbox.post(new Event.WorkerExited(id, worker.pid(), status)));
    } catch (ForkException e) {
      if (e.stage() == ForkException.Stage.ORDER && e.errno() == Errno.ETIMEDOUT) {
        // Its answer may come yet, and would be taken for the answer to the next order.
        mold.process().signal(Signal.KILL);
      }
      inbox.post(new Event.WorkerNotForked(id, String.valueOf(e.getMessage())));
    }
    return Optional.empty();
  }

  private ForkedProcess orderWorker(int id) {
    forking.lock();
    try {
      if (stopRequested) {
        throw new ForkException(
            ForkException.Stage.ORDER, Errno.EPERM, "cannot fork a worker: a stop was requested");
      }
      return mold.forkWorker(id, titles.worker(id, generation));
    } finally {
      forking.unlock();
    }
  }

  /**
   * On the thread that has posted a request to stop: ends the wait for a mold that does not answer,
   * which would hold the request up. No mold is needed any more.
   */
  private void unblock() {
    // First: a worker may be ordered between the two, from a mold that does not answer. Set after
    // the look at the lock, nobody would end that wait.
    stopRequested = true;
    try {
      if (forking.tryLock(MOLD_PATIENCE.toNanos(), NANOSECONDS)) {
        forking.unlock();
      } else if (ownPid.getAsLong() == monitorPid) {
        mold.process().signal(Signal.KILL);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Empty in this process; its id in each worker that the new mold will fork. */
  private Optional<Outcome> replaceMold(int newGeneration) {
    mold.close();
    stopRequests.pause();
    try {
      return switch (molds.freeze(titles.mold(newGeneration))) {
        case Molds.Side.InWorker(int id) -> {
          isMonitor = false;
          yield Optional.of(new Outcome.InWorker(id));
        }
        case Molds.Side.InMonitor(var newMold) -> {
          mold = newMold;
          generation = newGeneration;
          reportExitOf(newMold);
          yield Optional.empty();
        }
      };
    } finally {
      if (isMonitor) {
        stopRequests.listen(this::unblock);
      }
    }
  }

  private void reportExitOf(Molds.Handle watched) {
    int watchedGeneration = generation;
    ForkedProcess process = watched.process();
    var _ =
        process
            .onExit()
            .thenAccept(status ->
                inbox.post(new Event.MoldExited(watchedGeneration, process.pid(), status)));
  }

  private void signalWorkers(Signal signal) {
    for (ForkedProcess worker : workers.values()) {
      try {
        worker.signal(signal);
      } catch (IllegalStateException e) {
        // It has changed its user. The others must be signalled nevertheless.
        logger.log(WARNING, e.getMessage());
      }
    }
  }

  /**
   * After an orderly end no worker is left; after an error in this loop this is what stops them.
   */
  private void leaveNothing() {
    signalWorkers(Signal.KILL);
    mold.close();
  }
}
