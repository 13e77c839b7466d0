package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import dev.tine.sys.Errno;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.ProcessTitle;
import dev.tine.sys.SocketAddressBytes;
import dev.tine.sys.SystemCallException;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The monitor of one program: boots it, has workers forked from its mold, and puts a successor in
 * the place of each that ends.
 *
 * <p>It owns the listening sockets and runs no code of the program's. All of it runs on the loop's
 * thread, but what other threads post there.
 */
public final class RunMonitor implements Boot.Outcome {
  /** After a boot in the background failed: the workers serve on meanwhile. */
  private static final Duration BOOT_AGAIN = Duration.ofSeconds(10);

  private static final Duration FORK_AGAIN = Duration.ofSeconds(1);

  private final RunOptions options;
  private final Loop loop = new Loop();
  private final Console console;
  private final Events events;
  private final RuntimeDirectory directory;
  private final Listeners listeners;
  private final Leavers leavers;
  private final Restarts restarts;
  private final Instant since = Instant.now();
  private final Map<Integer, Worker> workers = new TreeMap<>();
  private final Map<Integer, Integer> restartCounts = new HashMap<>();
  private Optional<Boot> boot = Optional.empty();
  private Optional<Mold> mold = Optional.empty();
  private Optional<Boot.Booted> booted = Optional.empty();
  private int generation;
  private int wanted;
  private boolean isStopping;
  private boolean isTableShown;
  private Exit exit = new Exit(0, "");

  /**
   * How {@link #run} ended.
   *
   * @param code of the process
   * @param reason of a failure; empty: it was stopped
   */
  public record Exit(int code, String reason) {}

  /**
   * Prepares everything and starts nothing.
   *
   * @param terminal whether a person watches standard error
   * @throws RunFailedException if a program of this name runs already
   */
  public RunMonitor(RunOptions options, OutputStream out, OutputStream err, boolean terminal) {
    this.options = options;
    this.directory = RuntimeDirectory.create(options.name());
    this.console = new Console(out, err, options.prefix(), terminal);
    this.events = new Events(console);
    this.listeners = new Listeners(options.listen(), options.accept(), options.workers());
    this.leavers =
        new Leavers(loop, listeners, options.stopTimeout(), Worker::terminate, this::forkWorker);
    this.restarts = new Restarts(options.maxRestarts());
    this.wanted = options.workers();
  }

  /** Runs the program until it is stopped, or cannot be run. */
  public Exit run() {
    ProcessTitle.set("tine: monitor " + options.name());
    try (var _ = new MonitorSignals(this);
        var _ = ControlServer.start(this, options.control().orElse(directory.control()))) {
      startBoot();
      reapStrangers();
      loop.run();
      return exit;
    } catch (RunFailedException e) {
      return new Exit(1, String.valueOf(e.getMessage()));
    } finally {
      leaveNothing();
    }
  }

  /** Runs on the loop's thread, soon. May be called by any thread. */
  void post(Runnable task) {
    loop.post(task);
  }

  /** Closes something after a time, unless it is closed by then. May be called by any thread. */
  void closeAfter(Duration time, Closeable what) {
    loop.post(() ->
        loop.after(
            time,
            () -> {
              if (!isStopping) {
                closeQuietly(what);
              }
            }));
  }

  private static void closeQuietly(Closeable what) {
    try {
      what.close();
    } catch (IOException e) {
      // whoever it belonged to has gone
    }
  }

  Console console() {
    return console;
  }

  Events events() {
    return events;
  }

  private void startBoot() {
    generation++;
    boot =
        Optional.of(
            new Boot(loop, options, console, events, listeners, directory, generation, this));
  }

  @Override
  public void booted(Boot.Booted result) {
    boot = Optional.empty();
    booted = Optional.of(result);
    mold =
        Optional.of(
            new Mold(
                loop,
                result.moldPid(),
                result.orderFd(),
                result.generation(),
                status -> onMoldExit(result.generation(), result.moldPid(), status)));
    events.tell(Event.of("frozen").with("gen", result.generation()).with("mold", result.moldPid()));
    if (!openListeners(result)) {
      return;
    }
    for (int id = 0; id < listeners.reach(); id++) {
      if (!workers.containsKey(id)) {
        forkWorker(id);
      }
    }
  }

  private boolean openListeners(Boot.Booted result) {
    Set<SocketAddressBytes> asked =
        result.listening().stream().map(Listeners.Borrowed::asked).collect(Collectors.toSet());
    for (SocketAddressBytes address : asked) {
      try {
        listeners.listen(address);
        events.tell(
            Event.of("listening")
                .with("address", address)
                .with("accept", listeners.acceptAt(address)));
      } catch (SystemCallException e) {
        giveUp("cannot listen at %s: %s".formatted(address, Errno.text(e.errno())));
        return false;
      }
    }
    listeners.keepOnly(asked);
    return true;
  }

  @Override
  public void failed(String reason) {
    boot = Optional.empty();
    if (isStopping) {
      endIfNothingIsLeft();
    } else if (workers.isEmpty()) {
      giveUp(reason);
    } else {
      List<String> lines = reason.lines().toList();
      events.tell(
          Event.of("boot-failed")
              .with("gen", generation)
              .with("serving", workers.size())
              .with("retry", BOOT_AGAIN)
              .with("reason", lines.getFirst())
              .details(lines.subList(1, lines.size())));
      loop.after(BOOT_AGAIN, this::bootIfNeeded);
    }
  }

  /** There must be a mold, or a worker that ends has no successor. */
  private void bootIfNeeded() {
    if (!isStopping && boot.isEmpty() && !hasMold()) {
      try {
        startBoot();
      } catch (RunFailedException e) {
        failed(String.valueOf(e.getMessage()));
      }
    }
  }

  private boolean hasMold() {
    return mold.isPresent() && mold.get().isAlive();
  }

  private void onMoldExit(int ofGeneration, int pid, ExitStatus status) {
    if (isStopping) {
      endIfNothingIsLeft();
      return;
    }
    events.tell(
        Event.of("mold-exit")
            .with("gen", ofGeneration)
            .with("pid", pid)
            .with("status", status)
            .with("serving", workers.size()));
    bootIfNeeded();
  }

  /** There is to be a worker of this id, or there was, and connections wait for it. */
  private boolean isNeeded(int id) {
    return id < wanted || listeners.waiting(id) > 0;
  }

  /** Gives new connections to those that are to stay. */
  private void serve() {
    listeners.serve(
        workers.values().stream()
            .filter(worker -> worker.id() < wanted && !worker.isStopping())
            .map(Worker::id)
            .toList());
  }

  private void forkWorker(int id) {
    if (isStopping || workers.containsKey(id) || !isNeeded(id)) {
      return;
    }
    if (mold.isEmpty() || booted.isEmpty() || !hasMold()) {
      bootIfNeeded(); // and it makes all that are missing
      return;
    }
    Boot.Booted from = booted.get();
    Console.Opened out = console.open(id + " | ", false);
    Console.Opened err = console.open(id + " | ", true);
    OrderCall.Pair control = OrderCall.pair();
    List<OrderCall.Passed> passed = new ArrayList<>(listeners.passed(from.listening(), id));
    passed.add(in(from.outputs().get(0), out.writeFd()));
    passed.add(in(from.outputs().get(1), err.writeFd()));
    passed.add(in(from.control(), control.moldFd()));
    String title = "tine: worker %s id=%d gen=%d".formatted(options.name(), id, from.generation());
    mold.get()
        .fork(
            new Mold.Order(
                id,
                title,
                passed,
                answer -> {
                  Pidfd.close(out.writeFd());
                  Pidfd.close(err.writeFd());
                  Pidfd.close(control.moldFd());
                  onForked(id, from.generation(), answer, control.monitorFd(), out, err);
                }));
  }

  private static OrderCall.Passed in(OrderCall.Passed place, int descriptor) {
    return new OrderCall.Passed(descriptor, place.device(), place.inode());
  }

  private void onForked(
      int id,
      int ofGeneration,
      OrderCall.Answer answer,
      int controlFd,
      Console.Opened out,
      Console.Opened err) {
    if (!answer.isWhole()) {
      Pidfd.close(controlFd);
      if (answer.pid() > 0) {
        Child.watch(loop, answer.pid(), status -> {}); // it could not become whole
      }
      onNotForked(id, answer);
      return;
    }
    var worker =
        new Worker(
            loop,
            id,
            ofGeneration,
            answer.pid(),
            controlFd,
            out.source(),
            err.source(),
            status -> onWorkerExit(id, status));
    workers.put(id, worker);
    events.tell(
        Event.of("worker").with("id", id).with("pid", answer.pid()).with("gen", ofGeneration));
    serve();
    if (isStopping) {
      worker.terminate(); // ordered before the stop
    } else if (id >= wanted) {
      leavers.leave(worker); // ordered before there were to be fewer, or for what is left
    } else if (!isTableShown && workers.size() == wanted) {
      isTableShown = true;
      console.show(Table.of(status()));
    }
  }

  private void onNotForked(int id, OrderCall.Answer answer) {
    if (isStopping) {
      endIfNothingIsLeft();
      return;
    }
    if (!hasMold()) {
      bootIfNeeded();
      return;
    }
    events.tell(
        Event.of("fork-failed")
            .with("id", id)
            .with("stage", answer.stage())
            .with("retry", FORK_AGAIN)
            .with("reason", answer.what().isEmpty() ? Errno.text(answer.errno()) : answer.what()));
    loop.after(FORK_AGAIN, () -> forkWorker(id));
  }

  private void onWorkerExit(int id, ExitStatus status) {
    Worker worker = workers.remove(id);
    if (worker == null) {
      return;
    }
    serve(); // first: what comes to its socket from now on would wait for its successor
    Duration age = worker.child().age();
    events.tell(
        Event.of("worker-exit")
            .with("id", id)
            .with("pid", worker.child().pid())
            .with("gen", worker.generation())
            .with("age", age)
            .with("status", status));
    if (isStopping) {
      endIfNothingIsLeft();
      return;
    }
    if (id >= wanted) {
      leavers.onGone(id); // one too many
      return;
    }
    restartCounts.merge(id, 1, Integer::sum);
    if (worker.isStopping()) {
      forkWorker(id); // it was asked to end: that is no fault of its
      return;
    }
    switch (restarts.onExit(id, age)) {
      case Restarts.Decision.GiveUp(int count) ->
          giveUp("%d restarts, giving up (--max-restarts)".formatted(count));
      case Restarts.Decision.Restart(Duration delay) -> {
        if (delay.isZero()) {
          forkWorker(id);
        } else {
          events.tell(
              Event.of("worker-backoff")
                  .with("id", id)
                  .with("age", age)
                  .with("delay", delay)
                  .details(lastOutput(worker)));
          loop.after(delay, () -> forkWorker(id));
        }
      }
    }
  }

  private static List<String> lastOutput(Worker worker) {
    List<String> tail = worker.tail();
    return tail.isEmpty()
        ? List.of("it has written nothing")
        : Stream.concat(Stream.of("its last output:"), tail.stream()).toList();
  }

  /** Ends all because it cannot go on. */
  private void giveUp(String reason) {
    exit = new Exit(1, reason);
    stop();
  }

  /** Asked by a signal: SIGTERM ends with 0, SIGINT as a shell expects it; the second one kills. */
  void stopFor(Signal signal) {
    if (isStopping && signal.equals(Signal.INT)) {
      killAll();
      return;
    }
    if (!isStopping) {
      events.tell(Event.of("stopping").with("name", options.name()).with("signal", signal));
      exit = new Exit(signal.equals(Signal.INT) ? 128 + Signal.INT.number() : 0, "");
      stop();
    }
  }

  /** Lets workers end by themselves, and kills what is left after a time. */
  void stop() {
    if (isStopping) {
      return;
    }
    isStopping = true;
    workers.values().forEach(Worker::terminate);
    mold.ifPresent(Mold::kill);
    boot.ifPresent(running -> running.cancel("it was stopped"));
    loop.after(options.stopTimeout(), this::killAll);
    endIfNothingIsLeft();
  }

  private void killAll() {
    for (Worker worker : workers.values()) {
      events.tell(
          Event.of("worker-kill").with("id", worker.id()).with("pid", worker.child().pid()));
      worker.kill();
    }
  }

  private void endIfNothingIsLeft() {
    if (isStopping && workers.isEmpty() && !hasMold() && boot.isEmpty()) {
      loop.stop();
    }
  }

  /** Changes how many workers there are. */
  void scale(int count) {
    int before = wanted;
    try {
      listeners.reach(count);
    } catch (SystemCallException e) {
      events.tell(
          Event.of("scale-failed")
              .with("from", before)
              .with("to", count)
              .with("reason", Errno.text(e.errno())));
      return;
    }
    wanted = count;
    events.tell(Event.of("scale").with("from", before).with("to", count));
    for (int id = 0; id < count; id++) {
      forkWorker(id);
    }
    serve();
    List.copyOf(workers.values()).stream()
        .filter(worker -> worker.id() >= count)
        .forEach(leavers::leave);
  }

  int wanted() {
    return wanted;
  }

  /** Ends a worker, which gets a successor; false if there is none of this id. */
  boolean restart(int id) {
    Worker worker = workers.get(id);
    if (worker == null || isStopping) {
      return false;
    }
    worker.terminate();
    loop.after(
        options.stopTimeout(),
        () -> {
          if (workers.get(id) == worker) {
            worker.kill();
          }
        });
    return true;
  }

  /** What there is now. */
  Status status() {
    List<Status.Member> processes = new ArrayList<>();
    processes.add(new Status.Member("monitor", Pidfd.self(), -1, 0, since, 0));
    boot.ifPresent(running ->
        processes.add(new Status.Member("boot", running.pid(), -1, generation, since, 0)));
    mold.filter(Mold::isAlive)
        .ifPresent(it ->
            processes.add(new Status.Member("mold", it.pid(), -1, it.generation(), since, 0)));
    for (Worker worker : workers.values()) {
      processes.add(
          new Status.Member(
              worker.isStopping() ? "stopping" : "worker",
              worker.child().pid(),
              worker.id(),
              worker.generation(),
              worker.child().since(),
              restartCounts.getOrDefault(worker.id(), 0)));
    }
    return new Status(
        options.name(),
        wanted,
        listeners.listening().stream().map(SocketAddressBytes::toString).toList(),
        processes);
  }

  /**
   * As process 1 of a container this is the parent of every orphan; and of none that it does not
   * know otherwise.
   */
  private void reapStrangers() {
    if (Pidfd.self() == 1) {
      // While a process is being made, one that nobody knows may be no stranger.
      if (boot.isEmpty() && mold.map(Mold::isIdle).orElse(true)) {
        Strangers.reap(known());
      }
      loop.after(Duration.ofSeconds(1), this::reapStrangers);
    }
  }

  private Set<Integer> known() {
    return status().processes().stream().map(Status.Member::pid).collect(Collectors.toSet());
  }

  /** After an orderly end nothing is; after an error in this loop, this is what ends the rest. */
  private void leaveNothing() {
    isStopping = true;
    workers.values().forEach(Worker::kill);
    mold.ifPresent(Mold::kill);
    boot.ifPresent(running -> running.cancel("the monitor ends"));
    listeners.close();
    directory.close();
    console.close();
    loop.close();
  }
}
