package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.sys.Errno;
import dev.tine.sys.SystemCallException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * The workers: one that serves for each id, and beside them those that do not serve yet or are
 * leaving. A worker that serves and ends has a successor of the current generation.
 *
 * <p>For the loop's thread.
 */
final class Fleet {
  private static final Duration FORK_AGAIN = Duration.ofSeconds(1);

  private final Loop loop;
  private final FleetLog log;
  private final Orders orders;
  private final Listeners listeners;
  private final Restarts restarts;
  private final Evidence evidence;
  private final RunOptions options;
  private final Owner owner;
  private final Departures departures;
  private final Leavers leavers;
  private final Roster roster = new Roster();

  private int wanted;
  private boolean isStopping;

  /** Whose workers these are. */
  interface Owner {
    /** Whose mold makes successors; empty: none can be made, and another is being seen to. */
    Optional<Generation> current();

    /** A worker that served has ended by itself, before its successor is ordered. */
    void onDeath(Worker worker, ExitStatus status);

    /** There are as many as there are to be. */
    void onComplete();

    /** No more successors. */
    void onGiveUp(String reason);

    /** The last one has ended, or there was none. */
    void onEmpty();
  }

  Fleet(
      Loop loop,
      Events events,
      Forker forker,
      Listeners listeners,
      RuntimeDirectory directory,
      Restarts restarts,
      Evidence evidence,
      RunOptions options,
      Owner owner) {
    this.loop = loop;
    this.log = new FleetLog(events);
    this.orders = new Orders(forker, listeners);
    this.listeners = listeners;
    this.restarts = restarts;
    this.evidence = evidence;
    this.options = options;
    this.wanted = options.workers();
    this.owner = owner;
    Duration patience = options.rollout().drainTimeout();
    this.departures = new Departures(loop, log, listeners, directory, patience);
    this.leavers = new Leavers(loop, listeners, patience, departures::finish, this::spawn);
  }

  Loop loop() {
    return loop;
  }

  FleetLog log() {
    return log;
  }

  int wanted() {
    return wanted;
  }

  /** How many workers fewer there are to be because some were given up. */
  int degraded() {
    return restarts.degraded();
  }

  /** Tries again to have a worker that was given up; false if this one was not. */
  boolean revive(int id) {
    if (!restarts.isDown(id) || id >= wanted) {
      return false;
    }
    restarts.forgive(id);
    spawn(id);
    return true;
  }

  /** What has gone wrong has done so with another generation. */
  void forgiveAll() {
    restarts.forgiveAll();
  }

  Roster roster() {
    return roster;
  }

  /** How often a worker of this id had a successor because it ended by itself. */
  int restartsOf(int id) {
    return restarts.count(id);
  }

  /** Makes those that are missing. */
  void fill() {
    IntStream.range(0, listeners.reach()).forEach(this::spawn);
  }

  /** There is to be a worker of this id, or there was, and connections wait for it. */
  private boolean isNeeded(int id) {
    return id < wanted || (listeners.waiting(id) > 0 && !roster.isBeside(id));
  }

  /** Gives new connections to those that are to stay. */
  private void chooseServing() {
    listeners.serve(roster.servingIds(id -> id < wanted));
  }

  /** Makes the worker of this id if there is to be one and is none. */
  void spawn(int id) {
    if (isStopping
        || !isNeeded(id)
        || roster.isServing(id)
        || orders.has(id)
        || restarts.isDown(id)) {
      return;
    }
    // If there is none, who makes the next one fills all gaps.
    owner.current().ifPresent(it -> orders.give(id, it, forked -> onSpawned(id, forked)));
  }

  /** Its end takes its time, in which its successor can be made. */
  private void onDying(Worker worker) {
    int id = worker.id();
    if (isStopping
        || !roster.isServing(worker)
        || !isNeeded(id)
        || orders.has(id)
        || !restarts.isCertain(id, worker.child().age())) {
      return;
    }
    owner
        .current()
        .ifPresent(it ->
            orders.give(
                id,
                it,
                forked -> {
                  // It has ended, or another serves. And a stop has told those that were there then
                  // to end: put aside, this one would hear of it only when it is killed.
                  if (isStopping || !roster.isServing(worker)) {
                    onSpawned(id, forked);
                  } else if (forked instanceof Forker.Forked.Whole(Worker successor)) {
                    roster.addEarly(successor);
                    successor.whenEnded(status -> onBesideExit(successor, status));
                  } // else another is tried, and told of, when the end is there
                }));
  }

  private void onSpawned(int id, Forker.Forked forked) {
    switch (forked) {
      case Forker.Forked.Whole(Worker worker) -> {
        boolean isLate = owner.current().map(it -> !it.equals(worker.from())).orElse(false);
        if (isStopping || isLate || id >= wanted || roster.isServing(id) || restarts.isDown(id)) {
          // Ordered before there were to be fewer, or others, or for what waits only for its id.
          dismiss(worker);
          spawn(id);
        } else {
          serve(worker);
        }
      }
      case Forker.Forked.Failed failed -> {
        if (isStopping) {
          endIfEmpty();
        } else if (owner.current().isPresent()) {
          log.forkFailed(id, failed, FORK_AGAIN);
          loop.after(FORK_AGAIN, () -> spawn(id));
        }
      }
    }
  }

  /** Ends one that is not needed, and may serve already. */
  private void dismiss(Worker worker) {
    addBeside(worker, status -> {});
    log.worker("worker", worker);
    retire(worker);
  }

  private void serve(Worker worker) {
    roster.addServing(worker);
    worker.whenEnded(status -> onServingExit(worker, status));
    worker.whenDying(() -> onDying(worker));
    Heartbeat.start(
        loop, log.events(), evidence, options.liveness(), options.stopTimeout(), worker);
    log.worker("worker", worker);
    chooseServing();
    if (roster.servingCount() == wanted) {
      owner.onComplete();
    }
  }

  private void onServingExit(Worker worker, ExitStatus status) {
    int id = worker.id();
    Duration age = worker.child().age();
    roster.removeServing(worker);
    chooseServing(); // first: what comes to its socket from now on would wait for its successor
    log.exit(worker, status);
    if (isStopping) {
      endIfEmpty();
      return;
    }
    owner.onDeath(worker, status);
    switch (restarts.onExit(id, status, age, wanted)) {
      case Restarts.Decision.StopAll(Restarts.Reason why) -> {
        log.givenUp(id, why, "stop-all", roster.servingCount());
        owner.onGiveUp("%s, giving up (--%s)".formatted(why.text(), why.rule()));
      }
      case Restarts.Decision.StopId(Restarts.Reason why) ->
          log.givenUp(id, why, "stop-id", roster.servingCount());
      case Restarts.Decision.Degrade(Restarts.Reason why) ->
          log.givenUp(id, why, "degrade", roster.servingCount());
      case Restarts.Decision.Restart(Duration delay) -> {
        Optional<Worker> successor = roster.takeEarly(id);
        if (successor.isPresent()) {
          onSpawned(id, new Forker.Forked.Whole(successor.get()));
        } else if (delay.isZero()) {
          spawn(id);
        } else {
          log.backoff(worker, age, delay);
          loop.after(delay, () -> spawn(id));
        }
      }
    }
    // Others have ended in between, and that was too much.
    roster.takeEarly(id).ifPresent(this::dismiss);
  }

  /** Hidden sockets for a worker of a generation. Throws {@link SystemCallException}. */
  Doors doorsFor(int id, Generation generation) {
    return departures.doorsFor(id, generation);
  }

  /**
   * Makes a worker that does not serve yet.
   *
   * @param answer is told once
   * @param onExit its end, if it ends before it serves
   */
  void forkBeside(
      int id,
      Generation generation,
      Optional<Doors> doors,
      Consumer<Forker.Forked> answer,
      Consumer<ExitStatus> onExit) {
    orders.give(
        id,
        generation,
        doors,
        forked -> {
          if (forked instanceof Forker.Forked.Whole(Worker worker)) {
            addBeside(worker, onExit);
            log.worker("candidate", worker);
          }
          answer.accept(forked);
        });
  }

  private void addBeside(Worker worker, Consumer<ExitStatus> onExit) {
    roster.addBeside(worker, onExit);
    worker.whenEnded(status -> onBesideExit(worker, status));
  }

  private void onBesideExit(Worker worker, ExitStatus status) {
    Optional<Consumer<ExitStatus>> listener = roster.removeBeside(worker);
    log.exit(worker, status);
    listener.ifPresent(it -> it.accept(status));
    if (isStopping) {
      endIfEmpty();
    } else if (worker.id() >= wanted) {
      leavers.onGone(worker.id());
    }
  }

  /** Lets one that was made beside serve. The one that served before is beside it now, or none. */
  Optional<Worker> promote(Worker worker) {
    roster.removeBeside(worker);
    Optional<Worker> before = roster.servingAs(worker.id());
    before.ifPresent(roster::removeServing);
    // It was dying, and its successor is this one.
    roster.takeEarly(worker.id()).ifPresent(this::dismiss);
    before.ifPresent(it -> addBeside(it, status -> {}));
    serve(worker);
    return before;
  }

  /** Lets a worker finish and end; it serves no more from now on. */
  void retire(Worker worker) {
    if (roster.removeServing(worker)) {
      addBeside(worker, status -> {});
      chooseServing();
      roster.takeEarly(worker.id()).ifPresent(this::dismiss);
    }
    if (worker.id() >= wanted) {
      leavers.leave(worker);
    } else {
      departures.finish(worker);
    }
  }

  /** Lets a predecessor finish, which is beside; it is to be ended when it is empty. */
  void drain(Worker worker, Consumer<Doors> onEmpty, Consumer<ExitStatus> onExit) {
    roster.replaceListener(worker, onExit);
    departures.drain(worker, onEmpty);
  }

  /**
   * Ends all: each finishes what it has begun.
   *
   * @param timeout until they are killed
   * @param onClosed nobody accepts any more
   */
  void stop(Duration timeout, Runnable onClosed) {
    isStopping = true;
    departures.finishAll(roster.all(), timeout, onClosed);
    loop.after(timeout, this::kill); // also those that were on their way, with more time
    endIfEmpty();
  }

  /** Kills all that is left. */
  void kill() {
    departures.kill(roster.all());
  }

  /** Changes how many there are to be. */
  void scale(int count) {
    try {
      listeners.reach(count);
    } catch (SystemCallException e) {
      log.scaleFailed(wanted, count, Errno.text(e.errno()));
      return;
    }
    log.scale(wanted, count);
    wanted = count;
    restarts.forgiveAll();
    fill();
    roster.serving().stream().filter(worker -> worker.id() >= count).forEach(this::retire);
  }

  private void endIfEmpty() {
    if (roster.isEmpty() && orders.isEmpty()) {
      owner.onEmpty();
    }
  }
}
