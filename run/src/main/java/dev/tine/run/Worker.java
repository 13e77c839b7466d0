package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import dev.tine.sys.Pidfd;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A process that serves.
 *
 * <p>For the loop's thread.
 */
final class Worker {
  private final int id;
  private final int generation;
  private final Child child;
  private final int controlFd;
  private final Console.Source out;
  private final Console.Source err;
  private boolean isStopping;

  /**
   * @param controlFd the monitor's end of its control socket, from now on this object's
   * @param onExit on the loop
   */
  Worker(
      Loop loop,
      int id,
      int generation,
      int pid,
      int controlFd,
      Console.Source out,
      Console.Source err,
      Consumer<ExitStatus> onExit) {
    this.id = id;
    this.generation = generation;
    this.controlFd = controlFd;
    this.out = out;
    this.err = err;
    this.child =
        Child.watch(
            loop,
            pid,
            status -> {
              Pidfd.close(this.controlFd);
              onExit.accept(status);
            });
  }

  int id() {
    return id;
  }

  int generation() {
    return generation;
  }

  Child child() {
    return child;
  }

  /** Whether it was told to stop. */
  boolean isStopping() {
    return isStopping;
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
