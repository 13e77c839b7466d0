package dev.tine.run;

import dev.tine.sys.OrderCall;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The orders for workers that were given to molds and are not answered yet; one at a time for each
 * id that is to be served.
 *
 * <p>For the loop's thread.
 */
final class Orders {
  private final Forker forker;
  private final Listeners listeners;
  private final Set<Integer> ids = new HashSet<>();

  Orders(Forker forker, Listeners listeners) {
    this.forker = forker;
    this.listeners = listeners;
  }

  /** None of a worker that is to serve. */
  boolean isEmpty() {
    return ids.isEmpty();
  }

  /** One is on its way that is to serve. */
  boolean has(int id) {
    return ids.contains(id);
  }

  /** Orders a worker that is to serve. The answer comes once, on the loop. */
  void give(int id, Generation generation, Consumer<Forker.Forked> answer) {
    ids.add(id);
    give(
        id,
        generation,
        Optional.empty(),
        forked -> {
          ids.remove(id);
          answer.accept(forked);
        });
  }

  /**
   * Orders a worker that does not serve yet.
   *
   * @param doors what it is to listen at; empty: what it will serve
   */
  void give(int id, Generation generation, Optional<Doors> doors, Consumer<Forker.Forked> answer) {
    List<OrderCall.Passed> sockets =
        doors.map(Doors::passed).orElseGet(() -> listeners.passed(generation.listening(), id));
    forker.fork(id, generation, sockets, answer);
  }
}
