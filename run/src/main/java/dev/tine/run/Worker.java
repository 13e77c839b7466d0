package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A process that serves.
 *
 * <p>For the loop's thread.
 */
final class Worker implements Heartbeat.Patient {
  private final int id;
  private final int generation;
  private final Child child;
  private final ControlSocket control;
  private final Console.Source out;
  private final Console.Source err;
  private boolean isStopping;

  /**
   * @param control from now on this object's
   * @param onExit on the loop
   */
  Worker(
      Loop loop,
      int id,
      int generation,
      int pid,
      ControlSocket control,
      Console.Source out,
      Console.Source err,
      Consumer<ExitStatus> onExit) {
    this.id = id;
    this.generation = generation;
    this.control = control;
    this.out = out;
    this.err = err;
    this.child =
        Child.watch(
            loop,
            pid,
            status -> {
              this.control.close();
              onExit.accept(status);
            });
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public int generation() {
    return generation;
  }

  @Override
  public Child child() {
    return child;
  }

  @Override
  public boolean isStopping() {
    return isStopping;
  }

  @Override
  public ControlSocket control() {
    return control;
  }

  /** Lets it end by itself. */
  void terminate() {
    isStopping = true;
    child.signal(Signal.TERM);
    child.signal(Signal.CONT); // one that is stopped would not hear of it
  }

  void kill() {
    isStopping = true;
    child.signal(Signal.KILL);
  }

  /** The last lines it has written. */
  List<String> tail() {
    List<String> all = new ArrayList<>(out.tail());
    all.addAll(err.tail());
    return all;
  }
}
