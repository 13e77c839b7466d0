package dev.tine.prefork;

import dev.tine.fork.ForkException;
import dev.tine.sys.ProcessTitle;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs one warm program as several supervised worker processes, as Tornado's {@code fork_processes}
 * does in Python.
 *
 * <p>Bind, load and warm up first, then fork, then serve:
 *
 * {@snippet class="dev.tine.prefork.PreforkSnippets" region="serve"}
 *
 * <p>The process that calls becomes the <em>monitor</em>. It freezes a copy of itself, the
 * <em>mold</em>, and forks each <em>worker</em> from that:
 *
 * <pre>
 *   PID  PPID  COMMAND
 *   100     1  tine: monitor shop
 *   110   100  tine: mold shop gen=1
 *   121   100  tine: worker shop id=0 gen=1
 *   122   100  tine: worker shop id=1 gen=1
 * </pre>
 *
 * <p>{@code shop} is the system property {@code dev.tine.name} (1 to 32 letters, digits, dots,
 * dashes and underscores), or else the name of the main class or jar.
 *
 * <h2>Stopping</h2>
 *
 * SIGTERM and SIGINT to the monitor are forwarded to the workers; after 10 s SIGKILL follows, and
 * the monitor exits with 128 plus the number of the signal. One more SIGTERM or SIGINT, half a
 * second or more after the first, kills at once. If the monitor's JVM ends in another way, for
 * example by {@link System#exit}, workers get SIGTERM and the same 10 s; if it is killed, they are
 * killed with it.
 *
 * <h2>Caveats</h2>
 *
 * <ul>
 *   <li>Every thread of the program goes on in the monitor <em>and</em> in each worker. Start
 *       threads that must run once only after the call, or let them ask {@link #taskId()}.
 *   <li>A worker is a copy of the program as it was at the call, not at the time of its start. Only
 *       a mold that was itself killed is replaced, by a copy of the monitor as it is then.
 *   <li>A worker may start before {@link #taskId()} is set for threads other than the one that
 *       called.
 *   <li>Messages go to the {@link System.Logger} {@code dev.tine.prefork}.
 * </ul>
 */
public final class Prefork {
  private static final int DEFAULT_MAX_RESTARTS = 100;
  private static final int NO_TASK = -1;

  private static final AtomicBoolean supervising = new AtomicBoolean();
  private static volatile int taskId = NO_TASK;

  private Prefork() {}

  /** The number of processors that this process may use, limits of its container included. */
  public static int cpuCount() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** Like {@link #forkProcesses(int, int)}, with at most 100 restarts. */
  public static int forkProcesses(int processes) {
    return forkProcesses(processes, DEFAULT_MAX_RESTARTS);
  }

  /**
   * Forks worker processes and returns in each of them; supervises them in this process.
   *
   * <p>A worker that exits with 0 is done. One that exits otherwise or is killed by a signal is
   * replaced by a new process with the same id. Restarts are counted over all ids for the whole
   * life of the monitor; a worker that could not be forked counts as one that was killed.
   *
   * <p>In this process the call does not return. When all workers are done, it calls {@link
   * System#exit} with 0. It blocks the calling thread; other threads go on. Any thread may call,
   * one at a time.
   *
   * @param processes number of workers; 0 or less: {@link #cpuCount()}
   * @param maxRestarts number of restarts to accept; 0: the first abnormal end is one too many
   * @return the id of the worker, 0 to {@code processes - 1}, in that worker
   * @throws TooManyRestartsException in this process, after the restart that was one too many; the
   *     other workers are stopped
   * @throws ForkException in this process, if it cannot be forked at all; nothing was started
   * @throws IllegalStateException in a worker; or if this process supervises workers already; or
   *     after an interrupt of the calling thread, with the workers stopped and the interrupt status
   *     set; or in a process that another thread of the monitor forked
   * @throws IllegalArgumentException if {@code maxRestarts} is negative or {@code dev.tine.name} is
   *     not allowed
   */
  public static int forkProcesses(int processes, int maxRestarts) {
    if (maxRestarts < 0) {
      throw new IllegalArgumentException("maxRestarts must not be negative: " + maxRestarts);
    }
    if (taskId != NO_TASK) {
      throw new IllegalStateException(
          "this is worker %d: a worker cannot fork workers".formatted(taskId));
    }
    if (!supervising.compareAndSet(false, true)) {
      throw new IllegalStateException("forkProcesses is already running in this process");
    }
    try {
      return outcome(supervise(processes > 0 ? processes : cpuCount(), maxRestarts));
    } finally {
      supervising.set(false);
    }
  }

  /** The id of this worker; empty in the monitor and in a process that was never forked. */
  public static OptionalInt taskId() {
    int id = taskId;
    return id == NO_TASK ? OptionalInt.empty() : OptionalInt.of(id);
  }

  private static Outcome supervise(int processes, int maxRestarts) {
    Titles titles = Titles.ofThisProgram();
    System.Logger logger = System.getLogger("dev.tine.prefork");
    // What is still in a buffer would come out once in every process.
    System.out.flush();
    System.err.flush();
    Molds molds = new JvmMolds();
    // First the mold, then signal handlers, hook and title: a worker must not have the monitor's.
    return switch (molds.freeze(titles.mold(1))) {
      case Molds.Side.InWorker(int id) -> new Outcome.InWorker(id);
      case Molds.Side.InMonitor(var mold) -> {
        ProcessTitle.set(titles.monitor());
        Inbox inbox = new Inbox();
        yield new Monitor(
                new Supervision(processes, maxRestarts),
                molds,
                mold,
                titles,
                inbox,
                new JvmStopRequests(inbox),
                logger,
                OwnPid::read)
            .run();
      }
    };
  }

  private static int outcome(Outcome outcome) {
    return switch (outcome) {
      case Outcome.InWorker(int id) -> {
        taskId = id;
        yield id;
      }
      case Outcome.Exit(int code) -> {
        System.exit(code);
        throw new AssertionError("System.exit returned");
      }
      case Outcome.InCopy() ->
          throw new IllegalStateException(
              "this process was forked from the monitor by another thread: it supervises nothing");
      case Outcome.TooManyRestarts() -> throw new TooManyRestartsException();
      case Outcome.Interrupted() -> {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while supervising; all workers were stopped");
      }
    };
  }
}
