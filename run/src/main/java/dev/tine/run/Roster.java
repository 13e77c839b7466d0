package dev.tine.run;

import dev.tine.fork.ExitStatus;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.Stream;

/**
 * Which workers there are: one that serves for each id, and those beside them, which do not serve
 * yet or not any more.
 *
 * <p>For the loop's thread.
 */
final class Roster {
  private final Map<Integer, Worker> serving = new TreeMap<>();

  /** With who is told of their end. */
  private final Map<Worker, Consumer<ExitStatus>> beside = new HashMap<>();

  /** Successors that are there before the end of who serves, which are also beside. */
  private final Map<Integer, Worker> early = new HashMap<>();

  boolean isEmpty() {
    return serving.isEmpty() && beside.isEmpty();
  }

  int servingCount() {
    return serving.size();
  }

  /** The ones that serve, by id. */
  Collection<Worker> serving() {
    return List.copyOf(serving.values());
  }

  /** The ids of those that serve and are to stay. */
  List<Integer> servingIds(IntPredicate isToStay) {
    return serving.keySet().stream().filter(isToStay::test).toList();
  }

  Optional<Worker> servingAs(int id) {
    return Optional.ofNullable(serving.get(id));
  }

  boolean isServing(int id) {
    return serving.containsKey(id);
  }

  boolean isServing(Worker worker) {
    return serving.get(worker.id()) == worker;
  }

  /** This one serves for its id, for which none does. */
  void addServing(Worker worker) {
    serving.put(worker.id(), worker);
  }

  /** Whether it did serve. */
  boolean removeServing(Worker worker) {
    return serving.remove(worker.id(), worker);
  }

  /** All of them, in no order. */
  Collection<Worker> all() {
    return Stream.concat(serving.values().stream(), beside.keySet().stream()).toList();
  }

  /** The others. */
  Collection<Worker> beside() {
    return List.copyOf(beside.keySet());
  }

  boolean isBeside(int id) {
    return beside.keySet().stream().anyMatch(worker -> worker.id() == id);
  }

  void addBeside(Worker worker, Consumer<ExitStatus> onExit) {
    beside.put(worker, onExit);
  }

  /** Another is told of its end, if it is beside. */
  void replaceListener(Worker worker, Consumer<ExitStatus> onExit) {
    beside.replace(worker, onExit);
  }

  /** Who is to be told of its end, if it was beside. */
  Optional<Consumer<ExitStatus>> removeBeside(Worker worker) {
    return Optional.ofNullable(beside.remove(worker));
  }

  /** Puts the successor of one that is dying beside it. */
  void addEarly(Worker successor) {
    early.put(successor.id(), successor);
    addBeside(successor, status -> early.remove(successor.id(), successor));
  }

  /** Takes the successor that was made before who serves has ended. */
  Optional<Worker> takeEarly(int id) {
    Optional<Worker> successor = Optional.ofNullable(early.remove(id));
    successor.ifPresent(beside::remove);
    return successor;
  }
}
