package dev.tine.run;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * How workers go that have no successor: there are to be fewer. Nothing that waits in a socket of
 * their own is lost.
 *
 * <p>New connections have been given to others before. A worker goes when it has accepted what
 * waited for it; and if a connection comes to its socket afterwards, whose client had begun to
 * connect before, there is a worker again for as long as it takes.
 *
 * @param patience with one that does not accept: it is killed
 * @param end lets a worker finish and end
 * @param again makes the worker of this id once more
 */
record Leavers(
    Loop loop, Listeners listeners, Duration patience, Consumer<Worker> end, IntConsumer again) {
  private static final Duration TICK = Duration.ofMillis(20);

  /** The kernel repeats its answer to a client for a minute: tcp_synack_retries. */
  private static final Duration LATE = Duration.ofSeconds(70);

  /** Lets a worker go. */
  void leave(Worker worker) {
    leave(worker, System.nanoTime() + patience.toNanos());
  }

  private void leave(Worker worker, long untilNanos) {
    if (!worker.child().isAlive()) {
      return; // what waits is seen to when its end is told
    }
    if (listeners.waiting(worker.id()) == 0) {
      end.accept(worker);
    } else if (System.nanoTime() > untilNanos) {
      worker.kill();
    } else {
      loop.after(TICK, () -> leave(worker, untilNanos));
    }
  }

  /** One has ended. */
  void onGone(int id) {
    lookAgain(id, System.nanoTime() + LATE.toNanos(), TICK);
  }

  private void lookAgain(int id, long untilNanos, Duration delay) {
    if (listeners.waiting(id) > 0) {
      again.accept(id);
    } else if (System.nanoTime() < untilNanos) {
      Duration next = delay.multipliedBy(2);
      loop.after(delay, () -> lookAgain(id, untilNanos, next));
    }
  }
}
