package dev.tine.fork.internal;

import dev.tine.sys.Opens;
import dev.tine.sys.Pidfd;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Takes from a child the {@link Process} objects of its parent's subprocesses: they are no children
 * of the child, which can neither wait for them nor should end them.
 *
 * <p>Left alone, the JDK would find out that it cannot wait for them, poll until they are gone, and
 * report the exit value 0. Instead, {@code waitFor}, {@code exitValue}, {@code isAlive}, {@code
 * destroy} and {@code onExit} fail with an {@link IllegalStateException} that names both processes.
 * Whatever has ended before the fork keeps its exit value.
 */
final class ForeignProcesses implements Repair {
  /** The process whose subprocesses are known to the JDK. */
  private int owner;

  /** Between {@link #inChild} and {@link #resumed}. */
  private final List<Foreign> untold = new ArrayList<>();

  @Override
  public void prepare() {
    Known.ensure(Internals.class, "the list of subprocesses");
    owner = Pidfd.self();
  }

  @Override
  public void inChild(long[] seeds) {
    int self = Pidfd.self();
    if (self == owner) {
      rehearse();
      return;
    }
    for (var entry : Internals.COMPLETIONS.entrySet()) {
      take(entry.getKey(), entry.getValue());
    }
    owner = self;
  }

  /**
   * Does what a child does, to a process that is none: to load and link in a child could wait for a
   * lock of Java code that a suspended thread holds.
   */
  private void rehearse() {
    for (var _ : Internals.COMPLETIONS.entrySet()) {
      break;
    }
    var completion = new CompletableFuture<Integer>();
    var _ = completion.handle((_, _) -> 0);
    take(0L, completion);
    Object process = Overwriting.allocate(Internals.PROCESS);
    var lock = new ReentrantLock();
    Overwriting.putReference(process, Internals.LOCK_OFFSET, lock);
    Overwriting.putReference(process, Internals.CONDITION_OFFSET, lock.newCondition());
    take(process, Internals.STACK.get(completion), untold.getLast());
    untold.clear();
  }

  @Override
  public void resumed() {
    if (!untold.isEmpty()) {
      // By a thread of its own: who is told may do anything, and this one is about to leave fork().
      List<Foreign> all = List.copyOf(untold);
      untold.clear();
      Thread.ofPlatform()
          .daemon()
          .name("tine-foreign-processes")
          .start(() -> all.forEach(Foreign::tell));
    }
  }

  /**
   * Takes the {@link Process}es that wait for one completion: the objects that were called back if
   * it came.
   */
  private void take(Long pid, CompletableFuture<Integer> completion) {
    Foreign foreign = new Foreign(pid, owner, completion);
    for (Object callback = Internals.STACK.get(completion);
        callback != null;
        callback = Internals.NEXT.get(callback)) {
      if (!Internals.HANDLE.isInstance(callback)) {
        continue;
      }
      Object process = Internals.processOf(Internals.FUNCTION.get(callback));
      if (process == null) {
        continue; // ProcessHandle.onExit, which works for any process
      }
      take(process, callback, foreign);
    }
    untold.add(foreign);
  }

  private static void take(Object process, Object callback, Foreign foreign) {
    var dependent = (CompletableFuture<?>) Internals.DEPENDENT.get(callback);
    if (dependent != null) {
      foreign.futures.add(dependent);
    }
    var lock = (ReentrantLock) Internals.LOCK.get(process);
    if (!(lock instanceof ForeignLock)) {
      foreign.waiting.add(new Waiting(lock, (Condition) Internals.CONDITION.get(process)));
      Internals.EXIT_CODE.set(process, -1);
      Internals.HAS_EXITED.set(process, true); // for those who wait: see ForeignLock.unlock
      Overwriting.putReference(process, Internals.LOCK_OFFSET, new ForeignLock(lock, foreign));
    }
  }

  /** Where threads wait for the end of a process. */
  private record Waiting(ReentrantLock lock, Condition condition) {}

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
          "process %d is a child of process %d, not of this one (%d): it can be neither waited for nor ended here"
              .formatted(pid, parent, Pidfd.self()));
    }

    void tell() {
      // Or a subprocess of this one that gets the same pid later would be ended by the news of the
      // other's end.
      Internals.COMPLETIONS.remove(pid, completion);
      for (Waiting place : waiting) {
        place.lock.lock();
        try {
          place.condition.signalAll();
        } finally {
          place.lock.unlock();
        }
      }
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

  /** What is {@code private} in the JDK. */
  private static final class Internals {
    static final ConcurrentMap<Long, CompletableFuture<Integer>> COMPLETIONS;
    static final VarHandle STACK;
    static final VarHandle NEXT;
    static final Class<?> HANDLE;
    static final VarHandle FUNCTION;
    static final VarHandle DEPENDENT;
    static final Class<?> PROCESS;
    static final VarHandle LOCK;
    static final long LOCK_OFFSET;
    static final VarHandle CONDITION;
    static final long CONDITION_OFFSET;
    static final VarHandle EXIT_CODE;
    static final VarHandle HAS_EXITED;

    static {
      try {
        for (String name : new String[] {"java.lang", "java.util.concurrent"}) {
          Opens.addOpens(Object.class.getModule(), name, ForeignProcesses.class.getModule());
        }
        COMPLETIONS = completions();
        STACK = variable(CompletableFuture.class, "stack");
        NEXT = variable(Class.forName("java.util.concurrent.CompletableFuture$Completion"), "next");
        HANDLE = Class.forName("java.util.concurrent.CompletableFuture$UniHandle");
        FUNCTION = variable(HANDLE, "fn");
        DEPENDENT =
            variable(Class.forName("java.util.concurrent.CompletableFuture$UniCompletion"), "dep");
        PROCESS = Class.forName("java.lang.ProcessImpl");
        LOCK = variable(PROCESS, "lock");
        LOCK_OFFSET = Overwriting.offset(PROCESS, "lock");
        CONDITION = variable(PROCESS, "condition");
        CONDITION_OFFSET = Overwriting.offset(PROCESS, "condition");
        EXIT_CODE = variable(PROCESS, "exitcode");
        HAS_EXITED = variable(PROCESS, "hasExited");
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private Internals() {}

    /** The process that a function of {@code java.lang.ProcessImpl} is about. */
    static @Nullable Object processOf(@Nullable Object function) {
      if (function == null) {
        return null;
      }
      try {
        for (var field : function.getClass().getDeclaredFields()) {
          if (field.getType() == PROCESS && field.trySetAccessible()) {
            return field.get(function);
          }
        }
        return null;
      } catch (IllegalAccessException e) {
        throw new AssertionError("it was made accessible", e);
      }
    }

    @SuppressWarnings("unchecked") // declared so
    private static ConcurrentMap<Long, CompletableFuture<Integer>> completions()
        throws ReflectiveOperationException {
      var field = Class.forName("java.lang.ProcessHandleImpl").getDeclaredField("completions");
      field.setAccessible(true);
      Object map = field.get(null);
      if (map == null) {
        throw new NoSuchFieldException("completions is null");
      }
      return (ConcurrentMap<Long, CompletableFuture<Integer>>) map;
    }

    private static VarHandle variable(Class<?> type, String name)
        throws ReflectiveOperationException {
      Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      return lookup.unreflectVarHandle(type.getDeclaredField(name));
    }
  }
}
