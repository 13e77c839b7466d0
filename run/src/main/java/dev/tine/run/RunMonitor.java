package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import dev.tine.sys.Pidfd;
import dev.tine.sys.ProcessTitle;
import dev.tine.sys.SocketAddressBytes;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The monitor of one program: boots it, has workers forked from its mold, and puts a successor in
 * the place of each that ends.
 *
 * <p>It owns the listening sockets and runs no code of the program's. All of it runs on the loop's
 * thread, but what other threads post there.
 */
public final class RunMonitor implements Fleet.Owner {
  /** For the ends of children that nobody waits for there is no event. */
  private static final Duration REAP_EVERY = Duration.ofSeconds(1);

  private final RunOptions options;
  private final Loop loop = new Loop();
  private final Console console;
  private final Events events;
  private final RuntimeDirectory directory;
  private final Listeners listeners;
  private final Fleet fleet;
  private final Generations generations;
  private final Changes changes;
  private final Recycling recycling;
  private final Activation activation;
  private final Watching watching;
  private final Instant since = Instant.now();
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
    this.generations =
        new Generations(this, fleet, loop, options, console, events, listeners, directory);
    this.changes = new Changes(this, generations, fleet, options);
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
      generations.begin();
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

  boolean isStopping() {
    return isStopping;
  }

  @Override
  public Optional<Generation> current() {
    return generations.current();
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
      Event serving = Event.of("serving").with("workers", fleet.roster().servingCount());
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
  void giveUp(String reason) {
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
    generations.stop("it was stopped");
    // Only when nobody accepts any more: what has come until then is served.
    fleet.stop(options.stopTimeout(), listeners::close);
    endIfNothingIsLeft();
  }

  void endIfNothingIsLeft() {
    if (isStopping && fleet.roster().isEmpty() && generations.isEmpty()) {
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
    processes.addAll(generations.members());
    fleet.roster().serving().forEach(worker -> processes.add(member("worker", worker)));
    fleet
        .roster()
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
    return changes.isUnderWay()
        ? "changing"
        : fleet.roster().servingCount() == 0 ? "booting" : "serving";
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
    if (generations.isQuiet() && !changes.isUnderWay()) {
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
    fleet.roster().all().forEach(Worker::kill);
    generations.stop("the monitor ends");
    listeners.close();
    directory.close();
    boolean isAllWritten = console.end();
    loop.close();
    return isAllWritten;
  }
}
