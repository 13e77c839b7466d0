package dev.tine.repair;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes from a child the {@link Process} objects of its parent's subprocesses: they are no children
 * of the child, which can neither wait for them nor should end them.
 *
 * <p>Left alone, the JDK would find out that it cannot wait for them, poll until they are gone, and
 * report the exit value 0. Instead, {@code waitFor}, {@code exitValue}, {@code isAlive}, {@code
 * destroy} and {@code onExit} fail with an {@link IllegalStateException} that names both processes.
 * Whatever has ended before the fork keeps its exit value. Older JDKs have no lock for a process
 * that could fail: there it looks like one that has ended, with the exit value -1, but {@code
 * onExit} fails as well.
 */
final class ForeignProcesses implements Repair {
  /** The process whose subprocesses are known to the JDK. */
  private int owner;

  /** Between {@link #inChild} and {@link #resumed}. */
  private final List<Foreign> untold = new ArrayList<>();

  @Override
  public void prepare() {
    Known.ensure(ProcessInternals.class, "the list of subprocesses");
    owner = Kernel.pid();
  }

  @Override
  public void inChild(long[] seeds) {
    int self = Kernel.pid();
    if (self == owner) {
      rehearse();
      return;
    }
    for (Map.Entry<Long, CompletableFuture<Integer>> entry :
        ProcessInternals.COMPLETIONS.entrySet()) {
      take(entry.getKey(), entry.getValue());
    }
    owner = self;
  }

  /**
   * Does what a child does, to a process that is none: to load and link in a child could wait for a
   * lock of Java code that a suspended thread holds.
   */
  private void rehearse() {
    Iterator<?> entries = ProcessInternals.COMPLETIONS.entrySet().iterator();
    if (entries.hasNext()) {
      entries.next();
    }
    CompletableFuture<Integer> completion = new CompletableFuture<>();
    CompletableFuture<Integer> dependent = completion.handle((value, failure) -> 0);
    take(0L, completion);
    Object process = Memory.allocate(ProcessInternals.PROCESS);
    if (ProcessInternals.LOCKING != null) {
      ReentrantLock lock = new ReentrantLock();
      Memory.putReference(process, ProcessInternals.LOCKING.lockOffset, lock);
      Memory.putReference(process, ProcessInternals.LOCKING.conditionOffset, lock.newCondition());
    }
    take(process, ProcessInternals.STACK.get(completion), untold.get(untold.size() - 1));
    untold.clear();
    dependent.cancel(false);
  }

  @Override
  public void resumed() {
    if (!untold.isEmpty()) {
      // By a thread of its own: who is told may do anything, and this one is about to leave fork().
      List<Foreign> all = List.copyOf(untold);
      untold.clear();
      Thread thread = new Thread(() -> all.forEach(Foreign::tell), "tine-foreign-processes");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /**
   * Takes the {@link Process}es that wait for one completion: the objects that were called back if
   * it came.
   */
  private void take(Long pid, CompletableFuture<Integer> completion) {
    Foreign foreign = new Foreign(pid, owner, completion);
    for (Object callback = ProcessInternals.STACK.get(completion);
        callback != null;
        callback = ProcessInternals.NEXT.get(callback)) {
      if (!ProcessInternals.HANDLE.isInstance(callback)) {
        continue;
      }
      Object process = ProcessInternals.processOf(ProcessInternals.FUNCTION.get(callback));
      if (process == null) {
        continue; // ProcessHandle.onExit, which works for any process
      }
      take(process, callback, foreign);
    }
    untold.add(foreign);
  }

  private static void take(Object process, Object callback, Foreign foreign) {
    CompletableFuture<?> dependent =
        (CompletableFuture<?>) ProcessInternals.DEPENDENT.get(callback);
    if (dependent != null) {
      foreign.futures.add(dependent);
    }
    ProcessInternals.Locking locking = ProcessInternals.LOCKING;
    if (locking == null) {
      foreign.waiting.add(new MonitorWait(process));
      end(process);
      // Or it would be called back by the thread that waits for the process, which finds that it
      // has no such child, and store the exit value 0.
      ProcessInternals.DEPENDENT.set(callback, (CompletableFuture<?>) null);
      return;
    }
    ReentrantLock lock = (ReentrantLock) locking.lock.get(process);
    if (!(lock instanceof ForeignLock)) {
      foreign.waiting.add(new LockWait(lock, (Condition) locking.condition.get(process)));
      end(process); // for those who wait: see ForeignLock.unlock
      Memory.putReference(process, locking.lockOffset, new ForeignLock(lock, foreign));
    }
  }

  private static void end(Object process) {
    ProcessInternals.EXIT_CODE.set(process, -1);
    ProcessInternals.HAS_EXITED.set(process, true);
  }

  /** Where threads wait for the end of a process. */
  private interface Waiting {
    void wake();
  }

  /** Where they wait in newer JDKs. */
  private static final class LockWait implements Waiting {
    private final ReentrantLock lock;
    private final Condition condition;

    LockWait(ReentrantLock lock, Condition condition) {
      this.lock = lock;
      this.condition = condition;
    }

    @Override
    public void wake() {
      lock.lock();
      try {
        condition.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Where they wait in older ones. */
  private static final class MonitorWait implements Waiting {
    private final Object process;

    MonitorWait(Object process) {
      this.process = process;
    }

    @Override
    @SuppressWarnings(
        "NotifyWithoutStateChange") // the state was changed in the child's first moments
    public void wake() {
      synchronized (process) {
        process.notifyAll();
      }
    }
  }

  /** A process of the parent's, and who is to be told. */
  private static final class Foreign {
    final Long pid;
    final int parent;
    final CompletableFuture<Integer> completion;
    final List<CompletableFuture<?>> futures = new ArrayList<>();
    final List<Waiting> waiting = new ArrayList<>();

    Foreign(Long pid, int parent, CompletableFuture<Integer> completion) {
      this.pid = pid;
      this.parent = parent;
      this.completion = completion;
    }

    IllegalStateException failure() {
      return new IllegalStateException(
          String.format(
              "process %d is a child of process %d, not of this one (%d): it can be neither waited"
                  + " for nor ended here",
              pid, parent, Kernel.pid()));
    }

    void tell() {
      // Or a subprocess of this one that gets the same pid later would be ended by the news of the
      // other's end.
      ProcessInternals.COMPLETIONS.remove(pid, completion);
      waiting.forEach(Waiting::wake);
      for (CompletableFuture<?> future : futures) {
        future.completeExceptionally(failure());
      }
    }
  }

  /** The lock that every method of a {@link Process} begins with: it cannot be had. */
  private static final class ForeignLock extends ReentrantLock {
    private static final long serialVersionUID = 1;

    private final ReentrantLock replaced;
    private final transient Foreign process;

    ForeignLock(ReentrantLock replaced, Foreign process) {
      this.replaced = replaced;
      this.process = process;
    }

    @Override
    public void lock() {
      throw process.failure();
    }

    /**
     * Called by those who had the old lock when the process was forked: they waited for the end,
     * are woken, and release what they think is their lock.
     */
    @Override
    public void unlock() {
      if (replaced.isHeldByCurrentThread()) {
        replaced.unlock();
      }
      throw process.failure();
    }
  }
}
