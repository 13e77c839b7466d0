package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.sys.Errno;
import dev.tine.sys.SystemCallException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The generations of a program: the current one, of which workers are made, those that can be gone
 * back to, and the one that boots. There is always a mold, or one is being seen to.
 *
 * <p>For the loop's thread.
 */
final class Generations {
  /** After a boot in the background failed: the workers serve on meanwhile. */
  private static final Duration BOOT_AGAIN = Duration.ofSeconds(10);

  private final RunMonitor monitor;
  private final Fleet fleet;
  private final Loop loop;
  private final RunOptions options;
  private final Console console;
  private final Events events;
  private final Listeners listeners;
  private final RuntimeDirectory directory;
  private final Deque<Generation> former = new ArrayDeque<>();
  private final List<Mold> molds = new ArrayList<>();
  private Optional<Generation> current = Optional.empty();
  private Optional<Boot> boot = Optional.empty();
  private List<String> command;
  private int number;

  Generations(
      RunMonitor monitor,
      Fleet fleet,
      Loop loop,
      RunOptions options,
      Console console,
      Events events,
      Listeners listeners,
      RuntimeDirectory directory) {
    this.monitor = monitor;
    this.fleet = fleet;
    this.loop = loop;
    this.options = options;
    this.console = console;
    this.events = events;
    this.listeners = listeners;
    this.directory = directory;
    this.command = options.command();
  }

  /**
   * Boots the first one.
   *
   * @throws RunFailedException if it cannot be started
   */
  void begin() {
    startBoot(command, new Background());
  }

  /** What the program is started with next time. */
  List<String> command() {
    return command;
  }

  /** Of which workers are made; empty: its mold has ended, and another is being seen to. */
  Optional<Generation> current() {
    return current.filter(Generation::isAlive);
  }

  boolean isBooting() {
    return boot.isPresent();
  }

  /** No process of them is left. */
  boolean isEmpty() {
    return boot.isEmpty() && molds.isEmpty();
  }

  /** No process is being made. */
  boolean isQuiet() {
    return boot.isEmpty() && molds.stream().allMatch(Mold::isIdle);
  }

  /** Their processes. */
  List<Status.Member> members() {
    List<Status.Member> members = new ArrayList<>();
    boot.ifPresent(
        it -> members.add(new Status.Member("boot", it.pid(), -1, number, it.since(), 0)));
    for (Mold mold : molds) {
      members.add(new Status.Member("mold", mold.pid(), -1, mold.generation(), mold.since(), 0));
    }
    return members;
  }

  /** Ends all of their processes; a boot that is under way fails for this reason. */
  void stop(String reason) {
    List.copyOf(molds).forEach(Mold::kill);
    cancelBoot(reason);
  }

  /** The number of the next one. */
  int nextNumber() {
    return ++number;
  }

  /**
   * Boots another generation; its number is {@link #nextNumber}.
   *
   * @throws RunFailedException if it cannot be started
   */
  void startBoot(List<String> wanted, Boot.Outcome outcome) {
    var once =
        new Boot.Outcome() {
          @Override
          public void booted(Frozen result) {
            boot = Optional.empty();
            events.tell(
                Event.of("frozen").with("gen", result.generation()).with("mold", result.moldPid()));
            outcome.booted(result);
          }

          @Override
          public void failed(String reason) {
            boot = Optional.empty();
            outcome.failed(reason);
            monitor.endIfNothingIsLeft();
          }
        };
    boot =
        Optional.of(
            new Boot(
                loop, options, console, events, listeners, directory, nextNumber(), wanted, once));
  }

  /** Gives up a boot that is under way; told as its failure. */
  void cancelBoot(String reason) {
    boot.ifPresent(running -> running.cancel(reason));
  }

  /** Makes a generation of what was booted. */
  Generation adopt(Frozen result, List<String> its) {
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
    public void booted(Frozen result) {
      Generation next = adopt(result, command);
      Optional<String> failure = openListeners(next);
      if (failure.isPresent()) {
        monitor.giveUp(failure.get());
        return;
      }
      current = Optional.of(next);
      fleet.fill();
    }

    @Override
    public void failed(String reason) {
      if (monitor.isStopping()) {
        return;
      }
      if (fleet.roster().isEmpty()) {
        monitor.giveUp(reason);
        return;
      }
      events.tell(
          Event.of("boot-failed")
              .with("gen", number)
              .withReason(reason)
              .with("serving", fleet.roster().servingCount())
              .with("retry", BOOT_AGAIN));
      loop.after(BOOT_AGAIN, Generations.this::bootIfNeeded);
    }
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
    if (monitor.isStopping()
        || boot.isPresent()
        || monitor.changes().isUnderWay()
        || current().isPresent()) {
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
    if (monitor.isStopping()) {
      monitor.endIfNothingIsLeft();
      return;
    }
    if (isNews) {
      events.tell(
          Event.of("mold-exit")
              .with("gen", ofGeneration)
              .with("pid", pid)
              .with("status", status)
              .with("serving", fleet.roster().servingCount()));
    }
    former.removeIf(generation -> generation.number() == ofGeneration);
    monitor.changes().onMoldExit(ofGeneration, status);
    bootIfNeeded();
  }
}
