package dev.tine.fork.mold;

import dev.tine.fork.ForkException;
import dev.tine.fork.ForkOptions;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.Signal;
import dev.tine.fork.internal.ChildProcess;
import dev.tine.fork.internal.Forking;
import dev.tine.fork.internal.Orders;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;

/**
 * A frozen copy of this process, of which workers are made.
 *
 * <p>No thread of it runs; it uses no processor time. Every worker begins with the state that this
 * process had when it was frozen, however long ago that is, and is a child of this process. Mold
 * and workers are killed by the kernel when this process ends.
 *
 * <p>May be used by any thread; calls take turns.
 */
public final class Mold implements AutoCloseable {
  private final ForkedProcess process;
  private final Orders orders;

  private Mold(ForkedProcess process, Orders orders) {
    this.process = process;
    this.orders = orders;
  }

  /**
   * Forks a mold of this process. Returns here, and once in each worker that is made of it later.
   *
   * @param title what {@code ps} shows of the mold
   * @throws ForkException as {@link dev.tine.fork.JvmFork#fork}
   */
  public static Frozen freeze(String title) {
    return freeze(title, ForkOptions.defaults());
  }

  /**
   * Forks a mold as {@link #freeze(String)} does, but for what {@code options} say of it and its
   * workers.
   */
  public static Frozen freeze(String title, ForkOptions options) {
    OrderCall.Pair sockets = Orders.open();
    Forking.Freeze freeze;
    try {
      freeze = Forking.freeze(title, sockets, options);
    } catch (RuntimeException | Error e) {
      Pidfd.close(sockets.moldFd());
      Pidfd.close(sockets.monitorFd());
      throw e;
    }
    ForkedProcess process = freeze.mold();
    if (process == null) {
      return new Frozen.Worker(freeze.workerId()); // both sockets are closed there already
    }
    // Closed here: with it open, the death of the mold would not end a wait for its answer.
    Pidfd.close(sockets.moldFd());
    return new Frozen.Monitor(new Mold(process, new Orders(sockets.monitorFd())));
  }

  /** The mold's process. */
  public ForkedProcess process() {
    return process;
  }

  /**
   * Makes a worker. Returns in this process; in the worker, {@link #freeze} returns.
   *
   * @param id what {@link Frozen.Worker#id} says there
   * @param title what {@code ps} shows of it
   * @throws ForkException if it could not be made, or the mold has ended
   */
  public ForkedProcess forkWorker(int id, String title) {
    return ChildProcess.ofMold(orders.worker(id, Forking.SIGKILL, title));
  }

  /** Ends the mold and waits until it has ended; workers are not affected. Idempotent. */
  @Override
  public void close() {
    orders.close();
    process.signal(Signal.KILL);
    process.onExit().join();
  }
}
