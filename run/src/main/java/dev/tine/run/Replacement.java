package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.sys.SystemCallException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The succession of one worker while it serves: its successor is made, is asked whether it is
 * ready, serves, and only then does the predecessor leave. If anything goes wrong before, the
 * successor is thrown away, and nothing has changed.
 *
 * <p>Where readiness can be asked for, the successor listens at hidden sockets until it has shown
 * it; nobody is served by one that is not.
 *
 * <p>For the loop's thread.
 */
final class Replacement implements Rollout.Running {
  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration FORK_AGAIN = Duration.ofSeconds(1);
  private static final int TRIES = 3;

  private final Fleet fleet;
  private final int id;
  private final Generation generation;
  private final Plan plan;
  private final Consumer<Optional<String>> onEnd;
  private Optional<Worker> successor = Optional.empty();
  private Optional<Doors> doors = Optional.empty();
  private int tries;
  private long beginNanos;
  private long readyNanos;
  private boolean hasEnded;
  private boolean serves;

  /**
   * What is asked of a successor.
   *
   * @param readyPath answers 2xx; empty: it is not asked
   * @param readyTimeout until it does for the first time
   * @param probation for how long it has to live, and answer, before it serves; or without a path,
   *     while it serves
   * @param leaving what becomes of the predecessor, which is empty by then
   */
  record Plan(
      Optional<String> readyPath, Duration readyTimeout, Duration probation, Leaving leaving) {
    static Plan of(RunOptions options, Duration probation, Leaving leaving) {
      return new Plan(options.readyPath(), options.readyTimeout(), probation, leaving);
    }
  }

  /** What becomes of a worker that has finished its requests. */
  interface Leaving {
    /**
     * Sees to its end.
     *
     * @param doors what it listens at; closed after the call
     */
    void onEmpty(Worker worker, Doors doors);
  }

  /**
   * Begins nothing yet.
   *
   * @param onEnd is told once, on the loop but not within {@link #start}: why it failed, or nothing
   *     when the predecessor is gone
   */
  Replacement(
      Fleet fleet, int id, Generation generation, Plan plan, Consumer<Optional<String>> onEnd) {
    this.fleet = fleet;
    this.id = id;
    this.generation = generation;
    this.plan = plan;
    this.onEnd = onEnd;
  }

  void start() {
    fork();
  }

  private void fork() {
    tries++;
    // Without a TCP port nothing can be asked.
    if (plan.readyPath().isPresent() && !Doors.ports(generation.listening()).isEmpty()) {
      try {
        doors = Optional.of(fleet.doorsFor(id, generation));
      } catch (SystemCallException e) {
        fail("no sockets for its trial: " + e.getMessage());
        return;
      }
    }
    fleet.forkBeside(id, generation, doors, this::onForked, this::onExit);
  }

  private void onForked(Forker.Forked forked) {
    switch (forked) {
      case Forker.Forked.Whole(Worker worker) -> {
        successor = Optional.of(worker);
        beginNanos = System.nanoTime();
        if (hasEnded) {
          worker.kill(); // cancelled meanwhile
        } else if (doors.isPresent()) {
          probe();
        } else {
          readyNanos = beginNanos;
          serve();
        }
      }
      case Forker.Forked.Failed failed -> {
        closeDoors();
        if (!hasEnded && tries < TRIES && generation.isAlive()) {
          fleet.log().forkFailed(id, failed, FORK_AGAIN);
          fleet
              .loop()
              .after(
                  FORK_AGAIN,
                  () -> {
                    if (!hasEnded) {
                      fork();
                    }
                  });
        } else {
          fail("fork: %s: %s".formatted(failed.stage(), failed.reason()));
        }
      }
    }
  }

  private void onExit(ExitStatus status) {
    successor = Optional.empty();
    fail("its process " + status);
  }

  private void probe() {
    InetSocketAddress address = doors.flatMap(Doors::http).orElseThrow();
    var probe = new ReadyProbe(fleet.loop(), address, plan.readyPath().orElseThrow());
    probe.ask(this::onProbed);
  }

  private void onProbed(String reason) {
    if (hasEnded) {
      return;
    }
    long now = System.nanoTime();
    if (reason.isEmpty()) {
      if (readyNanos == 0) {
        readyNanos = now;
      }
      if (now - readyNanos >= plan.probation().toNanos()) {
        open();
        return;
      }
    } else if (readyNanos != 0) {
      fail("GET %s: %s".formatted(plan.readyPath().orElse(""), reason));
      return;
    } else if (now - beginNanos >= plan.readyTimeout().toNanos()) {
      fail(
          "not ready within %d s: GET %s: %s"
              .formatted(plan.readyTimeout().toSeconds(), plan.readyPath().orElse(""), reason));
      return;
    }
    fleet
        .loop()
        .after(
            TICK,
            () -> {
              if (!hasEnded) {
                probe();
              }
            });
  }

  private void open() {
    Worker worker = successor.orElseThrow();
    worker.exchange(
        doors.orElseThrow().toReal(),
        failure -> {
          closeDoors();
          if (hasEnded) {
            return;
          }
          if (failure.isPresent()) {
            fail("it could not be given the listening sockets: " + failure.get());
          } else {
            serve();
          }
        });
  }

  /** From here on there is no way back: it serves, and the predecessor leaves. */
  private void serve() {
    Worker worker = successor.orElseThrow();
    if (id >= fleet.wanted()) {
      fleet.retire(worker); // there are to be fewer by now
      end(Optional.empty());
      return;
    }
    if (doors.isEmpty() && plan.readyPath().isEmpty() && !plan.probation().isZero()) {
      // It cannot be asked; what can be seen is whether it lives.
      fleet.loop().after(plan.probation(), this::promote);
    } else {
      promote();
    }
  }

  private void promote() {
    if (hasEnded) {
      return;
    }
    Worker worker = successor.orElseThrow();
    serves = true;
    Optional<Worker> before = fleet.promote(worker);
    if (before.isEmpty()) {
      end(Optional.empty());
      return;
    }
    Worker predecessor = before.get();
    fleet.drain(
        predecessor,
        its -> plan.leaving().onEmpty(predecessor, its),
        status -> end(Optional.empty()));
  }

  /** Throws the successor away, unless it serves already. */
  @Override
  public void cancel(String reason) {
    if (!serves) {
      fail(reason);
    }
  }

  private void fail(String reason) {
    successor.filter(worker -> worker.child().isAlive()).ifPresent(Worker::kill);
    closeDoors();
    end(Optional.of(reason));
  }

  private void closeDoors() {
    doors.ifPresent(Doors::close);
    doors = Optional.empty();
  }

  private void end(Optional<String> failure) {
    if (!hasEnded) {
      hasEnded = true;
      fleet.loop().post(() -> onEnd.accept(failure));
    }
  }
}
