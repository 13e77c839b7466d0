package dev.tine.run;

import dev.tine.sys.Message;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SystemCallException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The way of a worker to a mold: a successor serves in its place, it finishes, and is frozen.
 *
 * <p>For the loop's thread. It ends with one call of {@link Outcome}, whatever happens.
 */
final class Reforking implements Replacement.Leaving {
  private final Loop loop;
  private final Events events;
  private final Fleet fleet;
  private final Generations generations;
  private final RunOptions options;
  private final Worker worker;
  private final Outcome outcome;
  private Optional<Generation> made = Optional.empty();
  private String failure = "it ended before it was frozen";

  /** What came of it; one of these is called, once. */
  interface Outcome {
    /** There is a mold. */
    void made(Generation generation);

    void failed(String reason);
  }

  Reforking(
      Fleet fleet, Generations generations, RunOptions options, Worker worker, Outcome outcome) {
    this.loop = fleet.loop();
    this.events = fleet.log().events();
    this.fleet = fleet;
    this.generations = generations;
    this.options = options;
    this.worker = worker;
    this.outcome = outcome;
  }

  void start() {
    new Replacement(
            fleet,
            worker.id(),
            generations.current().orElseThrow(),
            Replacement.Plan.of(options, Duration.ZERO, this),
            this::onReplaced)
        .start();
  }

  @Override
  public void onEmpty(Worker empty, Doors doors) {
    int number = generations.nextNumber();
    List<Listeners.Borrowed> listening = doors.asListening();
    OrderCall.Pair orders;
    try {
      orders = OrderCall.pair();
    } catch (SystemCallException e) {
      failure = String.valueOf(e.getMessage());
      empty.kill();
      return;
    }
    Consumer<Optional<Message>> onAnswer =
        answer -> {
          onFrozen(answer, number, orders.monitorFd(), listening);
          empty.kill(); // the mold is a copy, and this is what is left over
        };
    empty.freeze(
        "tine: mold %s gen=%d".formatted(options.name(), number), orders.moldFd(), onAnswer);
    Pidfd.close(orders.moldFd());
  }

  private void onFrozen(
      Optional<Message> answer, int number, int orderFd, List<Listeners.Borrowed> listening) {
    Optional<String> reason = Freezing.failure(loop, answer);
    if (reason.isPresent()) {
      Pidfd.close(orderFd);
      failure = reason.get();
      return;
    }
    int pid = answer.orElseThrow().number();
    events.tell(Event.of("frozen").with("gen", number).with("mold", pid).with("id", worker.id()));
    var mold =
        new Frozen(
            number, pid, orderFd, listening, worker.files().outputs(), worker.files().control());
    made = Optional.of(generations.adopt(mold, worker.from().command()));
  }

  private void onReplaced(Optional<String> result) {
    if (result.isPresent()) {
      outcome.failed("worker %d cannot be replaced: %s".formatted(worker.id(), result.get()));
    } else if (made.isEmpty()) {
      outcome.failed("worker %d cannot be frozen: %s".formatted(worker.id(), failure));
    } else {
      outcome.made(made.get());
    }
  }
}
