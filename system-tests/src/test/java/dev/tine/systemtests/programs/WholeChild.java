package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.ForkedProcess;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** What a JVM can do, done in a forked child. */
public final class WholeChild {
  private static final int OTHER_THREADS = 4; // exit code

  private WholeChild() {}

  static void main() throws IOException {
    SelfCheck.prepare();
    Program.serve(
        Map.ofEntries(
            Map.entry("return twice", WholeChild::returnTwice),
            Map.entry("allocate", () -> inChild(() -> SelfCheck.allocate(400))),
            Map.entry("collect", WholeChild::collect),
            Map.entry("compile", WholeChild::compile),
            Map.entry("load classes", WholeChild::loadClasses),
            Map.entry("start threads", WholeChild::startThreads),
            Map.entry("platform threads", WholeChild::platformThreads),
            Map.entry("virtual threads", WholeChild::virtualThreads),
            Map.entry("timers", WholeChild::timers),
            Map.entry("own memory", WholeChild::ownMemory),
            Map.entry("exit", WholeChild::exit),
            Map.entry("halt", WholeChild::halt),
            Map.entry("native calls", WholeChild::nativeCalls),
            Map.entry("native threads", WholeChild::nativeThreads),
            Map.entry("fork again", WholeChild::forkAgain),
            Map.entry("no leaks", WholeChild::noLeaks)));
  }

  private static void returnTwice() throws Exception {
    long parent = Proc.self();
    int[] local = {1};
    ForkedProcess child =
        Program.fork(() -> {
          check(Proc.self() != parent, "the child has the pid of its parent");
          checkEqual(Proc.parent(Proc.self()), parent, "parent");
          checkEqual(local[0], 1, "local variable");
          local[0] = 2;
        });
    checkEqual(Proc.self(), parent, "pid");
    check(child.pid() != parent, "the child's pid is its parent's");
    checkEqual(Proc.parent(child.pid()), parent, "parent of the child");
    Program.expectSuccess(child);
    checkEqual(local[0], 1, "local variable");
  }

  private static void collect() throws Exception {
    inChild(() -> {
      for (int i = 0; i < 5; i++) {
        SelfCheck.allocate(50);
        System.gc();
      }
      SelfCheck.run(true);
    });
    SelfCheck.run(true);
  }

  private static void compile() throws Exception {
    var compiler = ManagementFactory.getCompilationMXBean();
    inChild(() -> {
      long beforeMs = compiler.getTotalCompilationTime();
      AtomicLong result = new AtomicLong();
      await(
          "the compiler",
          () -> {
            result.set(hotLoop(200_000));
            return compiler.getTotalCompilationTime() > beforeMs + 5;
          });
      checkEqual(result.get(), hotLoop(200_000), "result of the compiled loop");
    });
  }

  private static long hotLoop(int n) {
    long hash = 7;
    for (int i = 0; i < n; i++) {
      hash = hash * 31 + (i ^ (hash >>> 7));
      List<Long> boxed = List.of(hash, (long) i);
      hash += boxed.get(i & 1).hashCode();
    }
    return hash;
  }

  private static void loadClasses() throws Exception {
    try (ClassesJar jar = new ClassesJar(600)) {
      jar.load(0, 100);
      ForkedProcess child = Program.fork(() -> jar.load(50, 600));
      jar.load(100, 600); // at the same time, through a copy of the same descriptor
      Program.expectSuccess(child);
    }
  }

  private static void startThreads() throws Exception {
    inChild(() -> {
      AtomicLong ran = new AtomicLong();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        threads.add(Thread.ofPlatform().start(ran::incrementAndGet));
        threads.add(Thread.ofVirtual().start(ran::incrementAndGet));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      checkEqual(ran.get(), 400L, "threads that ran");
    });
  }

  private static void platformThreads() throws Exception {
    inheritedThreads(Thread.ofPlatform(), 6);
  }

  private static void virtualThreads() throws Exception {
    inheritedThreads(Thread.ofVirtual(), 50);
  }

  /** Threads that compute, sleep, and hand each other things must all go on in the child. */
  private static void inheritedThreads(Thread.Builder builder, int each) throws Exception {
    AtomicLongArray progress = new AtomicLongArray(4 * each);
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < each; i++) {
      var queue = new SynchronousQueue<Integer>();
      int slot = 4 * i;
      threads.add(builder.start(loop(stop, progress, slot, WholeChild::computeAndPause)));
      threads.add(builder.start(loop(stop, progress, slot + 1, () -> Thread.sleep(1))));
      threads.add(
          builder.start(loop(stop, progress, slot + 2, () -> queue.offer(1, 1, TimeUnit.SECONDS))));
      threads.add(builder.start(loop(stop, progress, slot + 3, () -> takeAndPause(queue))));
    }
    try {
      awaitProgress("before the fork", progress);
      ForkedProcess child = Program.fork(() -> awaitProgress("in the child", progress));
      awaitProgress("in the parent", progress);
      Program.expectSuccess(child);
    } finally {
      stop.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  // Both pause: virtual threads that only yield or wake each other starve those that a timer wakes,
  // fork or not.

  private static void computeAndPause() {
    long sum = 0;
    for (int i = 0; i < 20_000; i++) {
      sum = sum * 31 + i;
    }
    LockSupport.parkNanos(100_000 + (sum & 1));
  }

  private static void takeAndPause(SynchronousQueue<Integer> queue) throws InterruptedException {
    var _ = queue.poll(1, TimeUnit.SECONDS);
    Thread.sleep(1);
  }

  private static Runnable loop(
      AtomicBoolean stop, AtomicLongArray progress, int slot, Program.Step step) {
    return () -> {
      while (!stop.get()) {
        try {
          step.run();
        } catch (Exception e) {
          throw new AssertionError(e);
        }
        progress.incrementAndGet(slot);
      }
    };
  }

  private static void awaitProgress(String where, AtomicLongArray progress) {
    long[] before = new long[progress.length()];
    for (int i = 0; i < before.length; i++) {
      before[i] = progress.get(i);
    }
    for (int i = 0; i < before.length; i++) {
      int slot = i;
      await(
          "thread " + i % 4 + " of group " + i / 4 + " " + where,
          () -> progress.get(slot) > before[slot] + 1);
    }
  }

  private static void timers() throws Exception {
    AtomicLong ticks = new AtomicLong();
    AtomicLong once = new AtomicLong();
    try (ScheduledExecutorService timer = Executors.newScheduledThreadPool(2)) {
      var ticking = timer.scheduleAtFixedRate(ticks::incrementAndGet, 0, 5, TimeUnit.MILLISECONDS);
      var later = timer.schedule(once::incrementAndGet, 300, TimeUnit.MILLISECONDS);
      await("ticks", () -> ticks.get() > 3);
      inChild(() -> {
        long before = ticks.get();
        await("ticks in the child", () -> ticks.get() > before + 20);
        later.get(20, TimeUnit.SECONDS);
        checkEqual(once.get(), 1L, "timer that was set before the fork");
      });
      later.get(20, TimeUnit.SECONDS);
      check(ticking.cancel(false), "cancelled");
    }
  }

  private static void ownMemory() throws Exception {
    long before = SelfCheck.checksum();
    inChild(() -> {
      checkEqual(SelfCheck.checksum(), before, "inherited checksum");
      SelfCheck.spoil();
      System.gc();
      check(SelfCheck.checksum() != before, "the child could not write");
    });
    checkEqual(SelfCheck.checksum(), before, "checksum after the child wrote");
  }

  private static void exit() throws Exception {
    Path trace = Files.createTempFile("hooks-", ".txt");
    Thread inherited = new Thread(() -> write(trace, "inherited "));
    Runtime.getRuntime().addShutdownHook(inherited);
    ForkedProcess child =
        Program.fork(() -> {
          Runtime.getRuntime().addShutdownHook(new Thread(() -> write(trace, "own ")));
          System.exit(3);
        });
    Program.expect(child, new ExitStatus.Exited(3));
    Runtime.getRuntime().removeShutdownHook(inherited);
    String ran = Files.readString(trace);
    Files.delete(trace);
    check(
        ran.length() == 14 && ran.contains("inherited ") && ran.contains("own "),
        "hooks that ran: %s",
        ran);
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(
          file, text, StandardCharsets.UTF_8, java.nio.file.StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void halt() throws Exception {
    Thread hook = new Thread(() -> Program.say("a hook ran though the child was halted"));
    Runtime.getRuntime().addShutdownHook(hook);
    Program.expect(Program.fork(() -> Runtime.getRuntime().halt(9)), new ExitStatus.Exited(9));
    Runtime.getRuntime().removeShutdownHook(hook);
  }

  private static void nativeCalls() throws Exception {
    inChild(() -> {
      checkEqual(Libc.call("strlen", Libc.string("seven..")), 7, "strlen");
      checkEqual((long) Libc.syscall(Libc.SYS_GETPID), Proc.self(), "getpid");
      checkEqual(compressed("a JNI call"), "a JNI call", "inflated");
    });
  }

  private static String compressed(String text) throws DataFormatException {
    byte[] packed = new byte[1000];
    try (var deflater = new Deflater();
        var inflater = new Inflater()) {
      deflater.setInput(text.getBytes(StandardCharsets.UTF_8));
      deflater.finish();
      inflater.setInput(packed, 0, deflater.deflate(packed));
      byte[] unpacked = new byte[1000];
      return new String(unpacked, 0, inflater.inflate(unpacked), StandardCharsets.UTF_8);
    }
  }

  /** Threads that Java did not make go on, and no thread is lost or added. */
  private static void nativeThreads() throws Exception {
    MemorySegment semaphore = Libc.memory(32);
    checkEqual(Libc.call("sem_init", semaphore, 0, 0), 0, "sem_init");
    Libc.nativeThread("native-pause", "pause", MemorySegment.NULL);
    long waiter = Libc.nativeThread("native-sem", "sem_wait", semaphore);
    boolean same = false;
    for (int attempt = 0; attempt < 20 && !same; attempt++) {
      // The JVM may start or end a thread of its own between the two looks; then there is nothing
      // to compare.
      List<String> before = Proc.threadNames(Proc.self());
      ForkedProcess child =
          Program.fork(() -> {
            // Each takes its name itself as soon as it runs, and this thread goes on first.
            await("the native threads", () -> haveTheirNames(before));
            List<String> here = Proc.threadNames(Proc.self());
            if (!here.equals(before)) {
              Program.say("threads before " + before + " in the child " + here);
              Libc.syscall(Libc.SYS_EXIT_GROUP, OTHER_THREADS);
            }
            checkEqual(Libc.call("sem_post", semaphore), 0, "sem_post");
            checkEqual(Libc.call("pthread_join", waiter, MemorySegment.NULL), 0, "pthread_join");
            check(!Proc.threadNames(Proc.self()).contains("native-sem"), "joined and still there");
          });
      ExitStatus status = child.waitFor();
      same = status.isSuccess();
      check(same || status.equals(new ExitStatus.Exited(OTHER_THREADS)), "child %s", status);
    }
    check(same, "never the same threads");
    checkEqual(Libc.call("sem_post", semaphore), 0, "sem_post");
    checkEqual(Libc.call("pthread_join", waiter, MemorySegment.NULL), 0, "pthread_join");
  }

  private static void forkAgain() throws Exception {
    inChild(() -> {
      SelfCheck.run(false);
      inChild(() -> SelfCheck.run(true));
      inChild(() -> SelfCheck.run(false));
    });
  }

  /** After many forks the parent has the descriptors and threads it had before. */
  private static void noLeaks() throws Exception {
    inChild(() -> {});
    // Each end is reported before the pidfd is closed.
    await("pidfd closed", () -> !Proc.descriptors(Proc.self()).containsValue("anon_inode:[pidfd]"));
    Map<Integer, String> descriptors = Proc.descriptors(Proc.self());
    int threads = ManagementFactory.getThreadMXBean().getThreadCount();
    for (int i = 0; i < 15; i++) {
      inChild(() -> {});
    }
    await(
        "descriptors as before: " + descriptors,
        () -> Proc.descriptors(Proc.self()).equals(descriptors));
    int now = ManagementFactory.getThreadMXBean().getThreadCount();
    check(now <= threads, "%d Java threads, before %d", now, threads);
  }

  /** A re-created thread is called as the first one until it runs. */
  private static boolean haveTheirNames(List<String> before) {
    List<String> names = Proc.threadNames(Proc.self());
    return names.containsAll(List.of("native-pause", "native-sem"))
        && Collections.frequency(names, "java") <= Collections.frequency(before, "java");
  }
}
