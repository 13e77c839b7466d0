package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import dev.tine.sys.Errno;
import dev.tine.sys.Pidfd;
import dev.tine.sys.ProcessTitle;
import dev.tine.sys.SocketAddressBytes;
import dev.tine.sys.SystemCallException;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The monitor of one program: boots it, has workers forked from its mold, and puts a successor in
 * the place of each that ends.
 *
 * <p>It owns the listening sockets and runs no code of the program's. All of it runs on the loop's
 * thread, but what other threads post there.
 */
public final class RunMonitor implements Fleet.Owner {
  /** After a boot in the background failed: the workers serve on meanwhile. */
  private static final Duration BOOT_AGAIN = Duration.ofSeconds(10);

  /** For the ends of children that nobody waits for there is no event. */
  private static final Duration REAP_EVERY = Duration.ofSeconds(1);

  private final RunOptions options;
  private final Loop loop = new Loop();
  private final Console console;
  private final Events events;
  private final RuntimeDirectory directory;
  private final Listeners listeners;
  private final Fleet fleet;
  private final Changes changes;
  private final Recycling recycling;
  private final Activation activation;
  private final Watching watching;
  private final Instant since = Instant.now();
  private final Deque<Generation> former = new ArrayDeque<>();
  private final List<Mold> molds = new ArrayList<>();
  private Optional<Generation> current = Optional.empty();
  private Optional<Boot> boot = Optional.empty();
  private List<String> command;
  private int generation;
  private boolean isStopping;
  private boolean isTableShown;
  private Exit exit = new Exit(0, "");

  /**
   * How {@link #run} ended.
   *
   * @param code of the process
   * @param reason of a failure; empty: it was stopped
   * @param isOutputHeld nobody takes what is written any more: who writes would wait for ever
   */
  public record Exit(int code, String reason, boolean isOutputHeld) {
    private Exit(int code, String reason) {
      this(code, reason, false);
    }
  }

  /**
   * Prepares everything and starts nothing.
   *
   * @param terminal whether a person watches standard error
   * @throws RunFailedException if a program of this name runs already
   */
  public RunMonitor(RunOptions options, OutputStream out, OutputStream err, boolean terminal) {
    this.options = options;
    this.command = options.command();
    this.directory = RuntimeDirectory.create(options.name());
    this.console = new Console(out, err, options.prefix(), terminal);
    this.events = new Events(console);
    this.activation = Activation.of(System.getenv());
    this.listeners =
        new Listeners(options.listen(), options.accept(), options.workers(), activation);
    this.watching = new Watching(options, System.getenv(), loop, events, console, this::status);
    this.fleet =
        new Fleet(
            loop,
            events,
            new Forker(loop, console, listeners, options.name(), watching::forked),
            listeners,
            directory,
            new Restarts(
                options.restarts(), System::nanoTime, ThreadLocalRandom.current()::nextDouble),
            new Evidence(
                options.liveness().evidenceDirectory().orElse(directory.path()), options.name()),
            options,
            this);
    this.changes = new Changes(this, fleet, options);
    this.recycling = new Recycling(fleet, changes, options.rollout());
  }

  /** Runs the program until it is stopped, or cannot be run. */
  public Exit run() {
    Exit how;
    boolean isOutputHeld;
    try {
      how = serve();
    } finally {
      isOutputHeld = !leaveNothing();
    }
    return new Exit(how.code, how.reason, isOutputHeld);
  }

  private Exit serve() {
    ProcessTitle.set("tine: monitor " + options.name());
    try (var _ = new MonitorSignals(this);
        var _ = ControlServer.start(this, options.control().orElse(directory.control()));
        var _ = watching.start()) {
      startBoot(command, new Background());
      reapStrangers();
      recycling.start();
      loop.run();
      return exit;
    } catch (RunFailedException e) {
      return new Exit(1, String.valueOf(e.getMessage()));
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

  Loop loop() {
    return loop;
  }

  /** Reload, rollback and the like. */
  Changes changes() {
    return changes;
  }

  /** What the program is started with next time. */
  List<String> command() {
    return command;
  }

  boolean isStopping() {
    return isStopping;
  }

  boolean isBooting() {
    return boot.isPresent();
  }

  /** The number of the next generation. */
  int nextGeneration() {
    return ++generation;
  }

  /**
   * Boots another generation; its number is {@link #nextGeneration}.
   *
   * @throws RunFailedException if it cannot be started
   */
  void startBoot(List<String> wanted, Boot.Outcome outcome) {
    var once =
        new Boot.Outcome() {
          @Override
          public void booted(Boot.Booted result) {
            boot = Optional.empty();
            events.tell(
                Event.of("frozen").with("gen", result.generation()).with("mold", result.moldPid()));
            outcome.booted(result);
          }

          @Override
          public void failed(String reason) {
            boot = Optional.empty();
            outcome.failed(reason);
            endIfNothingIsLeft();
          }
        };
    boot =
        Optional.of(
            new Boot(
                loop,
                options,
                console,
                events,
                listeners,
                directory,
                nextGeneration(),
                wanted,
                once));
  }

  /** Gives up a boot that is under way; told as its failure. */
  void cancelBoot(String reason) {
    boot.ifPresent(running -> running.cancel(reason));
  }

  /** Makes a generation of what was booted. */
  Generation adopt(Boot.Booted result, List<String> its) {
    var mold =
        new Mold(
            loop,
            result.moldPid(),
            result.orderFd(),
            result.generation(),
            status -> onMoldExit(result.generation(), result.moldPid(), status));
    molds.add(mold);
    return new Generation(
        result.generation(), its, mold, result.listening(), result.outputs(), result.control());
  }

  /** The first boot, and those that are needed because the mold is gone. */
  private final class Background implements Boot.Outcome {
    @Override
    public void booted(Boot.Booted result) {
      Generation next = adopt(result, command);
      Optional<String> failure = openListeners(next);
      if (failure.isPresent()) {
        giveUp(failure.get());
        return;
      }
      current = Optional.of(next);
      fleet.fill();
    }

    @Override
    public void failed(String reason) {
      if (isStopping) {
        return;
      }
      if (fleet.isEmpty()) {
        giveUp(reason);
        return;
      }
      events.tell(
          withReason(Event.of("boot-failed").with("gen", generation), reason)
              .with("serving", fleet.servingCount())
              .with("retry", BOOT_AGAIN));
      loop.after(BOOT_AGAIN, RunMonitor.this::bootIfNeeded);
    }
  }

  /** The first line of a reason is its field, the others, such as output, are for a person. */
  static Event withReason(Event event, String reason) {
    List<String> lines = reason.lines().toList();
    return lines.isEmpty()
        ? event.with("reason", "")
        : event.with("reason", lines.getFirst()).details(lines.subList(1, lines.size()));
  }

  /** Opens the doors of a generation; why they cannot be opened, if so. */
  Optional<String> openListeners(Generation next) {
    for (Listeners.Borrowed borrowed : next.listening()) {
      try {
        if (listeners.reopen(borrowed)) {
          events.tell(
              Event.of("listening")
                  .with("address", borrowed.asked())
                  .with("accept", listeners.acceptAt(borrowed.asked())));
        }
      } catch (SystemCallException e) {
        return Optional.of(
            "cannot listen at %s: %s".formatted(borrowed.asked(), Errno.text(e.errno())));
      }
    }
    return Optional.empty();
  }

  /** Closes the doors that only other generations have. */
  void closeListenersBut(Generation kept) {
    listeners.keepOnly(
        kept.listening().stream().map(Listeners.Borrowed::asked).collect(Collectors.toSet()));
  }

  /** Another generation serves from now on. */
  void replaceCurrent(Generation next) {
    Optional<Generation> before = current;
    current = Optional.of(next);
    command = next.command();
    former.remove(next);
    before.filter(Generation::isAlive).ifPresent(former::addFirst);
    while (former.size() > options.rollout().keepMolds()) {
      discard(former.removeLast());
    }
    closeListenersBut(next);
    fleet.forgiveAll();
    fleet.fill();
  }

  /** Its mold is not needed any more. */
  void discard(Generation generation) {
    molds.remove(generation.mold()); // its end is no news
    generation.mold().kill();
  }

  /** What can be gone back to. */
  Optional<Generation> former() {
    return former.stream().filter(Generation::isAlive).findFirst();
  }

  /** There must be a mold, or a worker that ends has no successor. */
  void bootIfNeeded() {
    if (isStopping || boot.isPresent() || changes.isUnderWay() || current().isPresent()) {
      return;
    }
    var outcome = new Background();
    try {
      startBoot(command, outcome);
    } catch (RunFailedException e) {
      outcome.failed(String.valueOf(e.getMessage()));
    }
  }

  private void onMoldExit(int ofGeneration, int pid, ExitStatus status) {
    boolean isNews = molds.removeIf(mold -> mold.pid() == pid);
    if (isStopping) {
      endIfNothingIsLeft();
      return;
    }
    if (isNews) {
      events.tell(
          Event.of("mold-exit")
              .with("gen", ofGeneration)
              .with("pid", pid)
              .with("status", status)
              .with("serving", fleet.servingCount()));
    }
    former.removeIf(generation -> generation.number() == ofGeneration);
    changes.onMoldExit(ofGeneration, status);
    bootIfNeeded();
  }

  @Override
  public Optional<Generation> current() {
    return current.filter(Generation::isAlive);
  }

  @Override
  public void onDeath(Worker worker, ExitStatus status) {
    changes.onDeath(worker, status);
  }

  @Override
  public void onComplete() {
    if (!isTableShown) {
      isTableShown = true;
      console.show(Table.of(status()));
      Event serving = Event.of("serving").with("workers", fleet.servingCount());
      String unused = String.join(", ", activation.unused());
      events.tell(unused.isEmpty() ? serving : serving.with("unused-sockets", unused));
    }
  }

  @Override
  public void onGiveUp(String reason) {
    giveUp(reason);
  }

  @Override
  public void onEmpty() {
    endIfNothingIsLeft();
  }

  /** Ends all because it cannot go on. */
  private void giveUp(String reason) {
    exit = new Exit(1, reason);
    stop("reason", reason.lines().findFirst().orElse(""));
  }

  /** Asked by a signal: SIGTERM ends with 0, SIGINT as a shell expects it; the second one kills. */
  void stopFor(Signal signal) {
    if (isStopping && signal.equals(Signal.INT)) {
      fleet.kill();
      return;
    }
    if (!isStopping) {
      exit = new Exit(signal.equals(Signal.INT) ? 128 + Signal.INT.number() : 0, "");
      stop("signal", signal);
    }
  }

  /**
   * Lets workers finish and end by themselves, and kills what is left after a time.
   *
   * @param why the field of the event that tells why
   */
  void stop(String why, Object value) {
    if (isStopping) {
      return;
    }
    isStopping = true;
    events.tell(Event.of("stopping").with("name", options.name()).with(why, value));
    changes.cancel();
    List.copyOf(molds).forEach(Mold::kill);
    boot.ifPresent(running -> running.cancel("it was stopped"));
    // Only when nobody accepts any more: what has come until then is served.
    fleet.stop(options.stopTimeout(), listeners::close);
    endIfNothingIsLeft();
  }

  private void endIfNothingIsLeft() {
    if (isStopping && fleet.isEmpty() && boot.isEmpty() && molds.isEmpty()) {
      loop.stop();
    }
  }

  /** Changes how many workers there are. */
  void scale(int count) {
    if (!isStopping) {
      fleet.scale(count);
    }
  }

  int wanted() {
    return fleet.wanted();
  }

  /** What there is now. */
  Status status() {
    List<Status.Member> processes = new ArrayList<>();
    processes.add(new Status.Member("monitor", Pidfd.self(), -1, 0, since, 0));
    boot.ifPresent(running ->
        processes.add(
            new Status.Member("boot", running.pid(), -1, generation, running.since(), 0)));
    for (Mold mold : molds) {
      processes.add(new Status.Member("mold", mold.pid(), -1, mold.generation(), mold.since(), 0));
    }
    fleet.serving().forEach(worker -> processes.add(member("worker", worker)));
    fleet
        .beside()
        .forEach(worker ->
            processes.add(member(worker.isStopping() ? "draining" : "candidate", worker)));
    return new Status(
        options.name(),
        state(),
        current().map(Generation::number).orElse(0),
        fleet.wanted() - fleet.degraded(),
        listeners.listening().stream().map(SocketAddressBytes::toString).toList(),
        processes);
  }

  private String state() {
    if (isStopping) {
      return "stopping";
    }
    return changes.isUnderWay() ? "changing" : fleet.servingCount() == 0 ? "booting" : "serving";
  }

  private Status.Member member(String role, Worker worker) {
    return new Status.Member(
        role,
        worker.pid(),
        worker.id(),
        worker.generation(),
        worker.child().since(),
        fleet.restartsOf(worker.id()));
  }

  private void reapStrangers() {
    // While a process is being made, one that nobody knows may be no stranger.
    if (boot.isEmpty() && !changes.isUnderWay() && molds.stream().allMatch(Mold::isIdle)) {
      Strangers.reap();
    }
    loop.after(REAP_EVERY, this::reapStrangers);
  }

  /**
   * After an orderly end nothing is; after an error in this loop, this is what ends the rest.
   *
   * @return whether all that was to be written is
   */
  private boolean leaveNothing() {
    isStopping = true;
    Consumer<Worker> kill = Worker::kill;
    fleet.serving().forEach(kill);
    fleet.beside().forEach(kill);
    List.copyOf(molds).forEach(Mold::kill);
    boot.ifPresent(running -> running.cancel("the monitor ends"));
    listeners.close();
    directory.close();
    boolean isAllWritten = console.end();
    loop.close();
    return isAllWritten;
  }
}
