package dev.tine.run;

import dev.tine.sys.Errno;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.Stage;
import dev.tine.sys.SystemCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Makes workers of molds.
 *
 * @param name of the program
 * @param forkNanos is told how long each has taken
 */
record Forker(
    Loop loop, Console console, Listeners listeners, String name, LongConsumer forkNanos) {
  /** What became of an order. */
  sealed interface Forked {
    /** There is a worker, and it runs. */
    record Whole(Worker worker) implements Forked {}

    /** There is none. */
    record Failed(String stage, String reason) implements Forked {}
  }

  /**
   * Orders a worker.
   *
   * @param sockets in the places of those of the mold
   * @param answer is told once, on the loop
   */
  void fork(
      int id, Generation generation, List<OrderCall.Passed> sockets, Consumer<Forked> answer) {
    try (var opening = new Opening()) {
      Console.Opened out = opening.source(console, id + " | ", false);
      Console.Opened err = opening.source(console, id + " | ", true);
      OrderCall.Pair control = opening.pair();
      opening.keep();
      order(id, generation, sockets, new Ends(out, err, control), answer);
    } catch (SystemCallException e) {
      answer.accept(failed(e));
    }
  }

  /** What a worker writes to, and is asked by: both sides. */
  private record Ends(Console.Opened out, Console.Opened err, OrderCall.Pair control) {
    void closeWorkerSide() {
      Pidfd.close(out.writeFd());
      Pidfd.close(err.writeFd());
      Pidfd.close(control.moldFd());
    }
  }

  private void order(
      int id,
      Generation generation,
      List<OrderCall.Passed> sockets,
      Ends ends,
      Consumer<Forked> answer) {
    Console.Opened out = ends.out;
    Console.Opened err = ends.err;
    OrderCall.Pair control = ends.control;
    OrderCall.Passed controlPlace = Inodes.of(-1, control.moldFd());
    List<OrderCall.Passed> places =
        List.of(Inodes.of(-1, out.writeFd()), Inodes.of(-1, err.writeFd()));
    List<OrderCall.Passed> passed = new ArrayList<>(sockets);
    passed.add(in(generation.outputs().get(0), out.writeFd()));
    passed.add(in(generation.outputs().get(1), err.writeFd()));
    passed.add(in(generation.control(), control.moldFd()));
    String title = "tine: worker %s id=%d gen=%d".formatted(name, id, generation.number());
    long beginNanos = System.nanoTime();
    Consumer<OrderCall.Answer> onAnswer =
        result -> {
          ends.closeWorkerSide(); // first: there is room for the pidfd then
          if (!result.isWhole()) {
            Pidfd.close(control.monitorFd());
            answer.accept(failed(result));
            return;
          }
          forkNanos.accept(System.nanoTime() - beginNanos);
          int pidfd;
          try {
            pidfd = Pidfd.open(result.pid());
          } catch (SystemCallException e) { // another thread has taken what was free
            Pidfd.close(control.monitorFd());
            int ignored = Pidfd.discard(result.pid());
            answer.accept(failed(e));
            return;
          }
          var worker =
              new Worker(
                  loop,
                  id,
                  generation,
                  new Worker.Held(result.pid(), pidfd),
                  new ControlLink(loop, control.monitorFd()),
                  new Worker.Files(out.source(), err.source(), places, controlPlace));
          answer.accept(new Forked.Whole(worker));
        };
    generation.mold().fork(new Mold.Order(id, title, passed, onAnswer));
  }

  private static Forked.Failed failed(SystemCallException e) {
    return new Forked.Failed(Stage.ORDER.toString(), String.valueOf(e.getMessage()));
  }

  private Forked.Failed failed(OrderCall.Answer result) {
    if (result.pid() > 0) {
      Child.leave(loop, result.pid());
    }
    return new Forked.Failed(
        result.stage().toString(),
        result.what().isEmpty() ? Errno.text(result.errno()) : result.what());
  }

  private static OrderCall.Passed in(OrderCall.Passed place, int descriptor) {
    return new OrderCall.Passed(descriptor, place.device(), place.inode());
  }
}
