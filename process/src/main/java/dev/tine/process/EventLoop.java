package dev.tine.process;

import dev.tine.sys.Poller;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread that watches subprocesses and their streams: one for as many as there are.
 *
 * <p>Most programs need only the {@linkplain #shared() shared} one, which starts when it is first
 * used. All methods may be called by any thread.
 */
public final class EventLoop implements AutoCloseable {
  /**
   * Callbacks on the thread of the loop: the fastest place, for code that never waits. What one of
   * them takes, all others wait; see {@link #maxLateness()}.
   */
  public static final Executor ON_LOOP = Runnable::run;

  /**
   * Callbacks on a virtual thread each: the default. They may wait, for each other as well, and
   * harm nobody.
   */
  public static final Executor ON_VIRTUAL_THREADS =
      task -> Thread.ofVirtual().name("tine-process-callback").start(task);

  static final int READ_CHUNK_BYTES = 65_536;

  private static final Logger LOG = System.getLogger(EventLoop.class.getName());
  private static final Set<EventLoop> RUNNING = ConcurrentHashMap.newKeySet();
  private static final long LATE_NANOS = 100_000_000;
  private static final long BELL = 0;

  /** Set when the JVM begins to shut down. */
  private static volatile boolean ending;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(EventLoop::end, "tine-process-end"));
    try {
      ForkHook.register();
    } catch (NoClassDefFoundError e) {
      // Without dev.tine.fork nobody forks.
    }
  }

  private final String name;
  private final Executor callbacks;
  private final Poller poller = new Poller();
  private final Bell bell = Bell.of(poller, BELL);
  private final MemorySegment readBuffer = Arena.ofAuto().allocate(READ_CHUNK_BYTES);
  private final Map<Long, Watch.User> users = new ConcurrentHashMap<>();
  private final AtomicLong keys = new AtomicLong(BELL + 1);
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Timers timers = new Timers();
  private final Spawner spawner;
  private final CompletableFuture<Void> terminated = new CompletableFuture<>();
  private final Thread thread;
  private volatile int starting;
  private volatile boolean closing;
  private volatile boolean resting;
  private volatile long maxLatenessNanos;

  private EventLoop(String name, Executor callbacks) {
    this.name = name;
    this.callbacks = callbacks;
    spawner = new Spawner(name);
    thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  /**
   * A loop of its own, with callbacks {@link #ON_VIRTUAL_THREADS}.
   *
   * @param name of its thread
   */
  public static EventLoop open(String name) {
    return open(name, ON_VIRTUAL_THREADS);
  }

  /**
   * A loop of its own.
   *
   * @param name of its thread
   * @param callbacks where futures are completed, with what depends on them, and callbacks are
   *     called: {@link #ON_LOOP}, {@link #ON_VIRTUAL_THREADS}, or an executor that must not refuse
   */
  public static EventLoop open(String name, Executor callbacks) {
    EventLoop loop = new EventLoop(name, callbacks);
    RUNNING.add(loop);
    loop.thread.start();
    return loop;
  }

  /** The loop of subprocesses that are not given another; it starts when it is first asked for. */
  public static EventLoop shared() {
    return SharedLoop.get();
  }

  /**
   * Takes no new subprocesses. Its thread ends when the last of those it has has ended, and the
   * last of their streams is closed. Does nothing the second time.
   */
  @Override
  public void close() {
    synchronized (this) {
      closing = true;
    }
    wake();
  }

  /** Whether it was told to close. */
  public boolean isClosed() {
    return closing;
  }

  /** Done when the thread has nothing more to do after {@link #close()}. */
  public CompletableFuture<Void> terminated() {
    return terminated.copy();
  }

  /**
   * The longest time that something which had happened had to wait because the loop was busy, since
   * the loop was opened: what the slowest callback {@link #ON_LOOP} cost its neighbours.
   */
  public Duration maxLateness() {
    return Duration.ofNanos(maxLatenessNanos);
  }

  @Override
  public String toString() {
    return name + " (" + users.size() + " descriptors" + (closing ? ", closing)" : ")");
  }

  /**
   * Keeps the loop from ending while something is started for it; ended by {@link #release()}.
   * False: it takes nothing new.
   */
  synchronized boolean reserve() {
    if (closing) {
      return false;
    }
    starting++;
    return true;
  }

  void release() {
    synchronized (this) {
      starting--;
    }
    if (closing) {
      wake();
    }
  }

  Executor callbacks() {
    return callbacks;
  }

  Spawner spawner() {
    return spawner;
  }

  Poller poller() {
    return poller;
  }

  /** Where the thread of the loop reads to. */
  MemorySegment readBuffer() {
    return readBuffer;
  }

  boolean isLoopThread() {
    return Thread.currentThread() == thread;
  }

  /** Takes over a descriptor. */
  Watch watch(int fd, Watch.User user) {
    long key = keys.getAndIncrement();
    users.put(key, user);
    if (resting) { // after the line above; a loop that rests has looked for users after it said so
      LockSupport.unpark(thread);
    }
    return new Watch(this, key, fd);
  }

  void forget(long key) {
    users.remove(key);
    if (closing && users.isEmpty()) {
      wake();
    }
  }

  /** In a forked child: the loop goes on, without what is the parent's. */
  static void disownAll() {
    for (EventLoop loop : RUNNING) {
      loop.users.values().forEach(user -> loop.guarded(user.disown()));
    }
  }

  /** Runs something on the thread of the loop, after what is asked for already. */
  void execute(Runnable task) {
    tasks.add(task);
    wake();
  }

  /** Runs something on the thread of the loop, not before a time has passed. */
  Timers.Timer schedule(Duration delay, Runnable task) {
    long nanos = Math.max(0, toNanos(delay));
    Timers.Timer timer = timers.add(System.nanoTime() + nanos, task);
    if (!isLoopThread()) {
      wake(); // it may be waiting for longer than that
    }
    return timer;
  }

  /** Calls something of the user's where the user wants it; what it throws is logged. */
  void call(Executor place, Runnable callback) {
    Runnable guarded =
        () -> {
          try {
            callback.run();
          } catch (Throwable e) {
            LOG.log(Level.ERROR, "A callback of a subprocess failed", e);
          }
        };
    try {
      place.execute(guarded);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "An executor refused a callback of a subprocess; it is not called", e);
    }
  }

  /** Completes a future where its dependents are to run; here if that place refuses. */
  static void complete(Executor place, Runnable completion) {
    try {
      place.execute(completion);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "An executor refused to complete a future of a subprocess", e);
      completion.run(); // or somebody would wait for ever
    }
  }

  static long toNanos(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE / 2; // 146 years
    }
  }

  private void wake() {
    if (isLoopThread()) {
      return;
    }
    bell.ring();
    LockSupport.unpark(thread);
  }

  private boolean isDone() {
    return closing && starting == 0 && users.isEmpty() && tasks.isEmpty();
  }

  private void run() {
    while (!isDone()) {
      if (ending) {
        rest();
      }
      int heard = poller.await(tasks.isEmpty() ? timers.nanosUntilNext(System.nanoTime()) : 0);
      long wokenNanos = System.nanoTime();
      for (int i = 0; i < heard; i++) {
        dispatch(poller.key(i), poller.events(i));
      }
      timers.due(wokenNanos).forEach(this::guarded);
      // Not those that they add: descriptors have their turn in between.
      for (int n = tasks.size(); n > 0; n--) {
        Runnable task = tasks.poll();
        if (task != null) {
          guarded(task);
        }
      }
      measure(System.nanoTime() - wokenNanos);
    }
    RUNNING.remove(this);
    spawner.close();
    poller.close();
    bell.close();
    terminated.complete(null);
  }

  private static void end() {
    ending = true;
    RUNNING.forEach(EventLoop::wake);
  }

  /**
   * While the JVM shuts down, waits for something to do as Java code does, and not in
   * epoll_wait(2): HotSpot gives threads that are in native code 300 ms to come back before it
   * exits.
   */
  private void rest() {
    resting = true;
    while (users.isEmpty() && tasks.isEmpty() && timers.isEmpty() && !closing) {
      LockSupport.park(this);
    }
    resting = false;
  }

  private void dispatch(long key, int events) {
    if (key == BELL) {
      // Before the tasks are looked at: one that is added in between has rung again.
      bell.clear();
      return;
    }
    Watch.User user = users.get(key);
    if (user != null) { // closed by an earlier one of the same round
      try {
        user.ready().accept(events);
      } catch (Throwable e) {
        failed(e);
      }
    }
  }

  /** The loop goes on whatever happens: everybody else depends on it. */
  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      failed(e);
    }
  }

  private void failed(Throwable error) {
    LOG.log(Level.ERROR, "A task of " + name + " failed", error);
  }

  private void measure(long nanos) {
    if (nanos > maxLatenessNanos) {
      maxLatenessNanos = nanos;
      if (nanos > LATE_NANOS) {
        boolean byCallbacks = callbacks.equals(ON_LOOP);
        LOG.log(
            byCallbacks ? Level.WARNING : Level.DEBUG,
            "{0} was busy for {1} ms, and all its subprocesses waited{2}",
            name,
            nanos / 1_000_000,
            byCallbacks ? ": callbacks that take long need another place than the loop" : "");
      }
    }
  }
}
