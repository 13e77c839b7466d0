package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.sys.Errno;
import dev.tine.sys.SystemCallException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
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
  private final Events events;
  private final Forker forker;
  private final Listeners listeners;
  private final RuntimeDirectory directory;
  private final Restarts restarts;
  private final Evidence evidence;
  private final RunOptions options;
  private final Owner owner;
  private final Leavers leavers;
  private final Map<Integer, Worker> serving = new TreeMap<>();

  /** Not serving yet, or not any more; with who is told of their end. */
  private final Map<Worker, Consumer<ExitStatus>> beside = new HashMap<>();

  /** Those that were ordered to serve and are not there yet. */
  private final Set<Integer> ordered = new HashSet<>();

  /** Successors that are there before the end of who serves, which are also beside. */
  private final Map<Integer, Worker> early = new HashMap<>();

  private final Map<Integer, Integer> restartCounts = new HashMap<>();
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
    this.events = events;
    this.forker = forker;
    this.listeners = listeners;
    this.directory = directory;
    this.restarts = restarts;
    this.evidence = evidence;
    this.options = options;
    this.wanted = options.workers();
    this.owner = owner;
    this.leavers =
        new Leavers(loop, listeners, options.rollout().drainTimeout(), this::finish, this::spawn);
  }

  Loop loop() {
    return loop;
  }

  Events events() {
    return events;
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

  boolean isEmpty() {
    return serving.isEmpty() && beside.isEmpty();
  }

  int servingCount() {
    return serving.size();
  }

  /** The ones that serve, by id. */
  Collection<Worker> serving() {
    return List.copyOf(serving.values());
  }

  /** The others. */
  Collection<Worker> beside() {
    return List.copyOf(beside.keySet());
  }

  Optional<Worker> servingAs(int id) {
    return Optional.ofNullable(serving.get(id));
  }

  int restartsOf(int id) {
    return restartCounts.getOrDefault(id, 0);
  }

  /** Makes those that are missing. */
  void fill() {
    IntStream.range(0, listeners.reach()).forEach(this::spawn);
  }

  /** There is to be a worker of this id, or there was, and connections wait for it. */
  private boolean isNeeded(int id) {
    return id < wanted || (listeners.waiting(id) > 0 && !isBeside(id));
  }

  private boolean isBeside(int id) {
    return beside.keySet().stream().anyMatch(worker -> worker.id() == id);
  }

  /** Gives new connections to those that are to stay. */
  private void chooseServing() {
    listeners.serve(serving.keySet().stream().filter(id -> id < wanted).toList());
  }

  /** Makes the worker of this id if there is to be one and is none. */
  void spawn(int id) {
    if (isStopping
        || !isNeeded(id)
        || serving.containsKey(id)
        || ordered.contains(id)
        || restarts.isDown(id)) {
      return;
    }
    // If there is none, who makes the next one fills all gaps.
    owner.current().ifPresent(it -> order(id, it, forked -> onSpawned(id, forked)));
  }

  private void order(int id, Generation generation, Consumer<Forker.Forked> answer) {
    ordered.add(id);
    forker.fork(
        id,
        generation,
        listeners.passed(generation.listening(), id),
        forked -> {
          ordered.remove(id);
          answer.accept(forked);
        });
  }

  /** Its end takes its time, in which its successor can be made. */
  private void onDying(Worker worker) {
    int id = worker.id();
    if (isStopping
        || serving.get(id) != worker
        || !isNeeded(id)
        || ordered.contains(id)
        || !restarts.isCertain(id, worker.child().age())) {
      return;
    }
    owner
        .current()
        .ifPresent(it ->
            order(
                id,
                it,
                forked -> {
                  // It has ended, or another serves. And a stop has told those that were there then
                  // to
                  // end: put aside, this one would hear of it only when it is killed.
                  if (isStopping || serving.get(id) != worker) {
                    onSpawned(id, forked);
                  } else if (forked instanceof Forker.Forked.Whole(Worker successor)) {
                    early.put(id, successor);
                    addBeside(successor, status -> early.remove(id, successor));
                  } // else another is tried, and told of, when the end is there
                }));
  }

  /** Takes the successor of one that has ended, if it was made before. */
  private Optional<Worker> takeEarly(int id) {
    Optional<Worker> successor = Optional.ofNullable(early.remove(id));
    successor.ifPresent(beside::remove);
    return successor;
  }

  private void onSpawned(int id, Forker.Forked forked) {
    switch (forked) {
      case Forker.Forked.Whole(Worker worker) -> {
        boolean isLate = owner.current().map(it -> !it.equals(worker.from())).orElse(false);
        if (isStopping
            || isLate
            || id >= wanted
            || serving.containsKey(id)
            || restarts.isDown(id)) {
          // Ordered before there were to be fewer, or others, or for what waits only for its id.
          dismiss(worker);
          spawn(id);
        } else {
          serve(worker);
        }
      }
      case Forker.Forked.Failed(String stage, String reason) -> {
        if (isStopping) {
          endIfEmpty();
        } else if (owner.current().isPresent()) {
          tellFailure(id, stage, reason);
          loop.after(FORK_AGAIN, () -> spawn(id));
        }
      }
    }
  }

  /** Ends one that is not needed, and may serve already. */
  private void dismiss(Worker worker) {
    addBeside(worker, status -> {});
    tellOf(worker, "worker");
    retire(worker);
  }

  void tellFailure(int id, String stage, String reason) {
    events.tell(
        Event.of("fork-failed")
            .with("id", id)
            .with("stage", stage)
            .with("retry", FORK_AGAIN)
            .with("reason", reason));
  }

  private void serve(Worker worker) {
    serving.put(worker.id(), worker);
    worker.whenEnded(status -> onServingExit(worker, status));
    worker.whenDying(() -> onDying(worker));
    Heartbeat.start(loop, events, evidence, options.liveness(), options.stopTimeout(), worker);
    tellOf(worker, "worker");
    chooseServing();
    if (serving.size() == wanted) {
      owner.onComplete();
    }
  }

  private void tellOf(Worker worker, String event) {
    events.tell(worker.event(event));
  }

  private void tellExit(Worker worker, ExitStatus status) {
    events.tell(
        worker.event("worker-exit").with("age", worker.child().age()).with("status", status));
  }

  private void onServingExit(Worker worker, ExitStatus status) {
    int id = worker.id();
    Duration age = worker.child().age();
    serving.remove(id, worker);
    chooseServing(); // first: what comes to its socket from now on would wait for its successor
    tellExit(worker, status);
    if (isStopping) {
      endIfEmpty();
      return;
    }
    owner.onDeath(worker, status);
    switch (restarts.onExit(id, status, age, wanted)) {
      case Restarts.Decision.StopAll(Restarts.Reason why) -> {
        tellGivenUp(id, why, "stop-all");
        owner.onGiveUp("%s, giving up (--%s)".formatted(why.text(), why.rule()));
      }
      case Restarts.Decision.StopId(Restarts.Reason why) -> tellGivenUp(id, why, "stop-id");
      case Restarts.Decision.Degrade(Restarts.Reason why) -> tellGivenUp(id, why, "degrade");
      case Restarts.Decision.Restart(Duration delay) -> {
        restartCounts.merge(id, 1, Integer::sum);
        Optional<Worker> successor = takeEarly(id);
        if (successor.isPresent()) {
          onSpawned(id, new Forker.Forked.Whole(successor.get()));
        } else if (delay.isZero()) {
          spawn(id);
        } else {
          events.tell(
              Event.of("worker-backoff")
                  .with("id", id)
                  .with("age", age)
                  .with("delay", delay)
                  .details(lastOutput(worker)));
          loop.after(delay, () -> spawn(id));
        }
      }
    }
    // Others have ended in between, and that was too much.
    takeEarly(id).ifPresent(this::dismiss);
  }

  private void tellGivenUp(int id, Restarts.Reason why, String action) {
    events.tell(
        Event.of("worker-given-up")
            .with("id", id)
            .with("action", action)
            .with("rule", why.rule())
            .with("serving", serving.size())
            .with("reason", why.text()));
  }

  private static List<String> lastOutput(Worker worker) {
    List<String> lines = new ArrayList<>(worker.tail());
    lines.addFirst(lines.isEmpty() ? "it has written nothing" : "its last output:");
    return lines;
  }

  /**
   * Hidden sockets for a worker of a generation. Throws {@link dev.tine.sys.SystemCallException}.
   */
  Doors doorsFor(int id, Generation generation) {
    return Doors.open(
        generation.listening(), listeners.passed(generation.listening(), id), directory);
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
    forker.fork(
        id,
        generation,
        doors.map(Doors::passed).orElseGet(() -> listeners.passed(generation.listening(), id)),
        forked -> {
          if (forked instanceof Forker.Forked.Whole(Worker worker)) {
            addBeside(worker, onExit);
            tellOf(worker, "candidate");
          }
          answer.accept(forked);
        });
  }

  private void addBeside(Worker worker, Consumer<ExitStatus> onExit) {
    beside.put(worker, onExit);
    worker.whenEnded(status -> onBesideExit(worker, status));
  }

  private void onBesideExit(Worker worker, ExitStatus status) {
    Consumer<ExitStatus> listener = beside.remove(worker);
    tellExit(worker, status);
    if (listener != null) {
      listener.accept(status);
    }
    if (isStopping) {
      endIfEmpty();
    } else if (worker.id() >= wanted) {
      leavers.onGone(worker.id());
    }
  }

  /** Lets one that was made beside serve. The one that served before is beside it now, or none. */
  Optional<Worker> promote(Worker worker) {
    beside.remove(worker);
    Worker before = serving.remove(worker.id());
    takeEarly(worker.id()).ifPresent(this::dismiss); // it was dying, and its successor is this one
    if (before != null) {
      addBeside(before, status -> {});
    }
    serve(worker);
    return Optional.ofNullable(before);
  }

  /** Is told the end of one that is beside. */
  void whenGone(Worker worker, Consumer<ExitStatus> onExit) {
    beside.replace(worker, onExit);
  }

  /** Lets a worker finish and end; it serves no more from now on. */
  void retire(Worker worker) {
    if (serving.remove(worker.id(), worker)) {
      addBeside(worker, status -> {});
      chooseServing();
      takeEarly(worker.id()).ifPresent(this::dismiss);
    }
    if (worker.id() >= wanted) {
      leavers.leave(worker);
    } else {
      finish(worker);
    }
  }

  private void finish(Worker worker) {
    drain(worker, options.rollout().drainTimeout(), () -> {}, doors -> worker.terminate());
  }

  /**
   * Lets a worker finish that is beside.
   *
   * @param onEmpty its requests are finished, and it is to be ended somehow
   */
  void drain(Worker worker, Consumer<Doors> onEmpty) {
    drain(worker, options.rollout().drainTimeout(), () -> {}, onEmpty);
  }

  private void drain(Worker worker, Duration timeout, Runnable onClosed, Consumer<Doors> onEmpty) {
    if (worker.isStopping()) {
      onClosed.run();
      return; // on its way already
    }
    worker.leave();
    tellOf(worker, "draining");
    List<Listeners.Borrowed> listening = worker.from().listening();
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
            events,
            worker,
            its,
            Doors.ports(listening),
            timeout,
            onClosed,
            () -> onEmpty.accept(its));
  }

  /**
   * Ends all: each finishes what it has begun.
   *
   * @param timeout until they are killed
   * @param onClosed nobody accepts any more
   */
  void stop(Duration timeout, Runnable onClosed) {
    isStopping = true;
    List<Worker> all = new ArrayList<>(serving.values());
    all.addAll(beside.keySet());
    var left = new AtomicInteger(all.size());
    for (Worker worker : all) {
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
    loop.after(timeout, this::kill); // also those that were on their way, with more time
    endIfEmpty();
  }

  /** Kills all that is left. */
  void kill() {
    for (Worker worker : serving()) {
      kill(worker);
    }
    for (Worker worker : beside()) {
      kill(worker);
    }
  }

  private void kill(Worker worker) {
    tellOf(worker, "worker-kill");
    worker.kill();
  }

  /** Changes how many there are to be. */
  void scale(int count) {
    try {
      listeners.reach(count);
    } catch (SystemCallException e) {
      events.tell(
          Event.of("scale-failed")
              .with("from", wanted)
              .with("to", count)
              .with("reason", Errno.text(e.errno())));
      return;
    }
    events.tell(Event.of("scale").with("from", wanted).with("to", count));
    wanted = count;
    restarts.forgiveAll();
    fill();
    serving().stream().filter(worker -> worker.id() >= count).forEach(this::retire);
  }

  private void endIfEmpty() {
    if (isEmpty() && ordered.isEmpty()) {
      owner.onEmpty();
    }
  }
}
