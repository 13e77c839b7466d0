package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import dev.tine.sys.Errno;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SystemCallException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * The frozen copy of a program, of which workers are made. Orders wait for each other; none is
 * lost: it is carried out, or fails.
 *
 * <p>For the loop's thread.
 */
final class Mold {
  /** It takes some 10 ms for a worker, and more than this only if it is stopped or stuck. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** The worker has spoken: nobody's end needs to be waited for. */
  private static final int NO_MOLD = -1;

  private final Loop loop;
  private final Child child;
  private final int orderFd;
  private final int generation;
  private final Queue<Order> waiting = new ArrayDeque<>();

  /** Orders without an answer: there may be a worker that nobody knows yet. */
  private int unanswered;

  private boolean isBusy;
  private Optional<Loop.Timer> patience = Optional.empty();

  /**
   * One worker to be made.
   *
   * @param passed what it has in the places of files of the mold's
   * @param answer is told what came of it, once, on the loop
   */
  record Order(
      int id, String title, List<OrderCall.Passed> passed, Consumer<OrderCall.Answer> answer) {}

  /**
   * @param orderFd the monitor's end, from now on this object's
   * @param onExit on the loop
   */
  Mold(Loop loop, int pid, int orderFd, int generation, Consumer<ExitStatus> onExit) {
    this.loop = loop;
    this.orderFd = orderFd;
    this.generation = generation;
    this.child =
        Child.watch(
            loop,
            pid,
            status -> {
              close();
              onExit.accept(status);
            });
    loop.watch(orderFd, this::onAnswer);
  }

  int pid() {
    return child.pid();
  }

  Instant since() {
    return child.since();
  }

  int generation() {
    return generation;
  }

  boolean isAlive() {
    return child.isAlive();
  }

  void fork(Order order) {
    if (!child.isAlive()) {
      order.answer.accept(OrderCall.Answer.failed(Errno.ESRCH));
      return;
    }
    unanswered++;
    waiting.add(order);
    sendNext();
  }

  private void answer(Order order, OrderCall.Answer answer) {
    unanswered--;
    order.answer.accept(answer);
  }

  /** Whether all of its workers are known. */
  boolean isIdle() {
    return unanswered == 0;
  }

  private void sendNext() {
    Order next = waiting.peek();
    if (next == null || isBusy) {
      return;
    }
    try {
      OrderCall.send(orderFd, next.id, Signal.KILL.number(), next.title, next.passed);
      isBusy = true;
      // Its answer may come yet, and would be taken for that to the next order.
      patience = Optional.of(loop.after(PATIENCE, this::kill));
    } catch (SystemCallException e) {
      waiting.remove();
      answer(next, OrderCall.Answer.failed(e.errno()));
    }
  }

  private void onAnswer() {
    OrderCall.FirstAnswer first;
    try {
      first = OrderCall.answer(orderFd);
    } catch (SystemCallException e) {
      loop.unwatch(orderFd); // it has ended; its exit answers what waits
      return;
    }
    Order done = waiting.poll();
    patience.ifPresent(Loop.Timer::cancel);
    isBusy = false;
    if (done == null) {
      return;
    }
    if (first.repairsFd() < 0) {
      answer(done, first.answer());
    } else {
      // The worker repairs itself, with no thread of the program running yet. The mold is free.
      Loop.Timer stuck = loop.after(PATIENCE, () -> killChild(first.answer().pid()));
      loop.watch(
          first.repairsFd(),
          () -> {
            stuck.cancel();
            loop.unwatch(first.repairsFd());
            answer(done, OrderCall.repaired(NO_MOLD, first));
          });
    }
    sendNext();
  }

  /** It is not reaped before its order is answered: the pid is its own. */
  private static void killChild(int pid) {
    int ignored = Pidfd.kill(pid, Signal.KILL.number()); // by a pidfd it could fail
  }

  private void close() {
    loop.unwatch(orderFd);
    Pidfd.close(orderFd);
    patience.ifPresent(Loop.Timer::cancel);
    isBusy = false;
    for (Order order = waiting.poll(); order != null; order = waiting.poll()) {
      answer(order, OrderCall.Answer.failed(Errno.ESRCH));
    }
  }

  /** Ends it; its exit is told as any other. Its workers go on. */
  void kill() {
    child.signal(Signal.KILL);
  }
}
