package dev.tine.run;

import dev.tine.sys.SystemCallException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * How workers of a fleet leave, one or all: each finishes what it has begun.
 *
 * <p>For the loop's thread.
 *
 * @param patience with one that is to leave while others serve: it is killed
 */
record Departures(
    Loop loop, FleetLog log, Listeners listeners, RuntimeDirectory directory, Duration patience) {

  /** Lets a worker finish that is beside, and end by itself. */
  void finish(Worker worker) {
    drain(worker, patience, () -> {}, doors -> worker.terminate());
  }

  /**
   * Lets a worker finish that is beside.
   *
   * @param onEmpty its requests are finished, and it is to be ended somehow
   */
  void drain(Worker worker, Consumer<Doors> onEmpty) {
    drain(worker, patience, () -> {}, onEmpty);
  }

  /**
   * Lets all finish and end.
   *
   * @param timeout until each is killed
   * @param onClosed nobody accepts any more
   */
  void finishAll(Collection<Worker> workers, Duration timeout, Runnable onClosed) {
    var left = new AtomicInteger(workers.size());
    for (Worker worker : workers) {
      drain(
          worker,
          timeout,
          () -> {
            if (left.decrementAndGet() == 0) {
              onClosed.run();
            }
          },
          doors -> worker.terminate());
    }
  }

  private void drain(Worker worker, Duration timeout, Runnable onClosed, Consumer<Doors> onEmpty) {
    if (worker.isStopping()) {
      onClosed.run();
      return; // on its way already
    }
    worker.leave();
    log.worker("draining", worker);
    Doors doors;
    try {
      doors = doorsFor(worker.id(), worker.from());
    } catch (SystemCallException e) {
      // No descriptor is left for the better way.
      onClosed.run();
      worker.terminate();
      loop.after(timeout, worker::kill);
      return;
    }
    Doors its = doors;
    var _ =
        new Drain(
            loop,
            log.events(),
            worker,
            its,
            Doors.ports(worker.from().listening()),
            timeout,
            onClosed,
            () -> onEmpty.accept(its));
  }

  /** Kills all. */
  void kill(Collection<Worker> workers) {
    for (Worker worker : workers) {
      log.worker("worker-kill", worker);
      worker.kill();
    }
  }

  /** Hidden sockets for a worker of a generation. Throws {@link SystemCallException}. */
  Doors doorsFor(int id, Generation generation) {
    return Doors.open(
        generation.listening(), listeners.passed(generation.listening(), id), directory);
  }
}
