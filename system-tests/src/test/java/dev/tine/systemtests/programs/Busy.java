package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Fork;
import dev.tine.fork.ForkException;
import dev.tine.fork.ForkOptions;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.JvmFork;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;

/** Forks again and again while other threads do what makes forking hard. */
public final class Busy {
  private static final int FORKS = 6;

  private static volatile boolean stop;

  private Busy() {}

  static void main() throws IOException {
    SelfCheck.prepare();
    Program.serve(
        Map.ofEntries(
            Map.entry(
                "starting processes", () -> forkWhile(2, Busy::startProcess, Busy::startProcess)),
            Map.entry("loading libraries", Busy::whileLoadingLibraries),
            Map.entry("loading classes", Busy::whileLoadingClasses),
            Map.entry(
                "starting threads", () -> forkWhile(2, Busy::startThreads, Busy::startThreads)),
            Map.entry("collecting", () -> forkWhile(2, Busy::collect, Busy::collect)),
            Map.entry("compiling", () -> forkWhile(2, Busy::compile, Busy::compile)),
            Map.entry("virtual threads", Busy::whileVirtualThreadsWork),
            Map.entry("selecting", Busy::whileSelecting),
            Map.entry("auditing", Busy::whileAuditing),
            Map.entry("several forks at once", Busy::severalAtOnce)));
  }

  /**
   * Threads repeat {@code work} while this one forks; each child is whole and can do {@code
   * inChild}.
   */
  private static void forkWhile(int threads, Program.Step work, Program.Step inChild)
      throws Exception {
    stop = false;
    AtomicLong rounds = new AtomicLong();
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      workers.add(
          Thread.ofPlatform().name("busy-" + i).start(() -> repeat(work, rounds, failures)));
    }
    Program.await("the work", () -> rounds.get() >= threads || !failures.isEmpty());
    try {
      for (int i = 0; i < FORKS; i++) {
        boolean collect = i % 3 == 0;
        long before = rounds.get();
        ForkedProcess child =
            Program.fork(() -> {
              long inherited = rounds.get();
              SelfCheck.run(collect);
              inChild.run();
              Program.await(
                  "the work in the child", () -> rounds.get() > inherited || !failures.isEmpty());
              check(failures.isEmpty(), "%s", describe(failures));
            });
        Program.expectSuccess(child);
        Program.await("the work in the parent", () -> rounds.get() > before || !failures.isEmpty());
      }
    } finally {
      stop = true;
      for (Thread worker : workers) {
        check(
            worker.join(Program.LIMIT), "%s hangs at %s", worker, List.of(worker.getStackTrace()));
      }
    }
    check(failures.isEmpty(), "%s", describe(failures));
  }

  private static void repeat(Program.Step work, AtomicLong rounds, Queue<Throwable> failures) {
    try {
      while (!stop) {
        work.run();
        rounds.incrementAndGet();
      }
    } catch (Throwable e) {
      failures.add(e);
    }
  }

  private static String describe(Queue<Throwable> failures) {
    StringBuilder text = new StringBuilder();
    failures.forEach(failure -> text.append(Program.trace(failure)));
    return text.toString();
  }

  /**
   * A start that the fork interrupts goes on in the parent. In the child it cannot: the new process
   * is not its child, and the pipe on which its success is reported is the parent's.
   */
  private static void startProcess() throws Exception {
    long self = Proc.self();
    try {
      Process process = new ProcessBuilder("/bin/true").start();
      check(process.waitFor(20, TimeUnit.SECONDS), "/bin/true has not ended");
      check(process.exitValue() == 0 || Proc.self() != self, "/bin/true: %d", process.exitValue());
      process.destroy(); // closes its streams
    } catch (IOException | IllegalStateException e) {
      if (Proc.self() == self) {
        throw e;
      }
    }
  }

  private static void whileLoadingLibraries() throws Exception {
    Path library = Files.createTempFile("library-", ".so");
    Files.write(
        library,
        Files.readAllBytes(
            Path.of(
                Objects.requireNonNull(System.getProperty("java.home")), "lib", "libjimage.so")));
    MemorySegment name = Libc.string(library.toString());
    Program.Step load =
        () -> {
          MemorySegment handle = Libc.pointer("dlopen", name, 2);
          check(handle.address() != 0, "dlopen failed");
          checkEqual(Libc.call("dlclose", handle), 0, "dlclose");
        };
    try {
      forkWhile(2, load, load);
    } finally {
      Files.delete(library);
    }
  }

  private static void whileLoadingClasses() throws Exception {
    try (ClassesJar jar = new ClassesJar(4_000)) {
      AtomicInteger next = new AtomicInteger();
      Program.Step load =
          () -> {
            int from = next.getAndAdd(10) % 4_000;
            jar.load(from, from + 10);
          };
      forkWhile(2, load, load);
    }
  }

  private static void startThreads() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    AtomicInteger ran = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      threads.add(Thread.ofPlatform().start(ran::incrementAndGet));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    checkEqual(ran.get(), 100, "threads that ran");
  }

  private static void collect() {
    SelfCheck.allocate(24);
    System.gc();
  }

  /** New code each time: a class of its own, made hot. */
  private static void compile() throws Exception {
    IntSupplier number = ClassesJar.newCode(42);
    int sum = 0;
    for (int i = 0; i < 30_000; i++) {
      sum += number.getAsInt();
    }
    checkEqual(sum, 30_000 * 42, "sum");
  }

  private static void whileVirtualThreadsWork() throws Exception {
    AtomicLong steps = new AtomicLong();
    CountDownLatch done = new CountDownLatch(2_000);
    boolean[] over = {false};
    for (int i = 0; i < 2_000; i++) {
      Thread.ofVirtual()
          .start(() -> {
            while (!isOver(over)) {
              steps.incrementAndGet();
              LockSupport.parkNanos(20_000_000);
            }
            done.countDown();
          });
    }
    try {
      Program.Step progress =
          () -> {
            long before = steps.get();
            Program.await("the virtual threads", () -> steps.get() > before + 4_000);
          };
      forkWhile(1, progress, progress);
    } finally {
      synchronized (over) {
        over[0] = true;
      }
      done.await();
    }
  }

  private static boolean isOver(boolean[] over) {
    synchronized (over) {
      return over[0];
    }
  }

  /**
   * Two threads hand a token back and forth through selectors, which have descriptors of their own
   * in each process.
   */
  private static void whileSelecting() throws Exception {
    Pipe inherited = Pipe.open();
    inherited.source().configureBlocking(false);
    try (Selector selector = Selector.open();
        Selector ping = Selector.open();
        Selector pong = Selector.open()) {
      inherited.source().register(selector, SelectionKey.OP_READ);
      stop = false;
      Thread answering = Thread.ofPlatform().start(() -> answer(ping, pong));
      forkWhile(
          1,
          () -> {
            ping.wakeup();
            checkEqual(pong.select(20_000), 0, "selected");
          },
          () -> useSelectors(selector, inherited));
      ping.wakeup();
      answering.join();
      // What a child does to its copy of a selector is not seen here.
      checkEqual(selector.keys().size(), 1, "keys");
    }
    inherited.source().close();
    inherited.sink().close();
  }

  private static void answer(Selector ping, Selector pong) {
    try {
      while (!stop) {
        checkEqual(ping.select(20_000), 0, "selected");
        pong.wakeup();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void useSelectors(Selector inherited, Pipe pipe) throws IOException {
    checkEqual(inherited.selectNow(), 0, "selected before anything was written");
    checkEqual(pipe.sink().write(ByteBuffer.wrap(new byte[] {1})), 1, "written");
    checkEqual(inherited.select(20_000), 1, "selected");
    checkEqual(pipe.source().read(ByteBuffer.allocate(1)), 1, "read");
    inherited.wakeup();
    inherited.selectedKeys().clear();
    checkEqual(inherited.select(20_000), 0, "selected after wakeup");
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (Selector own = Selector.open();
        ServerSocketChannel server = ServerSocketChannel.open().bind(anyPort)) {
      server.configureBlocking(false);
      server.register(own, SelectionKey.OP_ACCEPT);
      try (SocketChannel client = SocketChannel.open(server.getLocalAddress())) {
        checkEqual(own.select(20_000), 1, "selected");
        server.accept().close();
        checkEqual(client.read(ByteBuffer.allocate(1)), -1, "read");
      }
    }
  }

  /**
   * Each audit lists the descriptors of this process by ascending number. One that a fork comes
   * into begins anew in the child.
   */
  private static void whileAuditing() throws Exception {
    int bell = Fd.eventfd(0);
    Program.Step audit =
        () -> {
          List<Integer> listed = new ArrayList<>();
          JvmFork.audit(
              ForkOptions.defaults()
                  .keep(d -> {
                    listed.add(d.number());
                    return false;
                  }));
          int begun = 0;
          int found = 0;
          for (int i = 0; i < listed.size(); i++) {
            begun += i == 0 || listed.get(i) <= listed.get(i - 1) ? 1 : 0;
            found += listed.get(i) == bell ? 1 : 0;
          }
          check(begun > 0 && found == begun, "descriptor %d is not in each of %s", bell, listed);
        };
    forkWhile(2, audit, audit);
    Fd.close(bell);
  }

  /**
   * One child for each call; in a child, the calls that were waiting for their turn are told so.
   */
  private static void severalAtOnce() throws Exception {
    int callers = 3;
    Queue<ForkedProcess> children = new ConcurrentLinkedQueue<>();
    AtomicInteger overtaken = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    long parent = Proc.self();
    ReentrantLock turn = turn();
    turn.lock(); // until all of them are in line
    try {
      for (int i = 0; i < callers; i++) {
        threads.add(
            Thread.ofPlatform()
                .name("caller-" + i)
                .start(() -> forkOrBeOvertaken(parent, threads, children, overtaken)));
        int inLine = i + 1;
        Program.await("the callers are in line", () -> turn.getQueueLength() == inLine);
      }
    } finally {
      turn.unlock();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    checkEqual(overtaken.get(), 0, "calls overtaken in the parent");
    checkEqual(children.size(), callers, "children");
    Set<ExitStatus> ends = new HashSet<>();
    for (ForkedProcess child : children) {
      ends.add(child.waitFor(Program.LIMIT).orElseThrow());
    }
    // The first child had two calls to turn away, the second one, the third none.
    checkEqual(
        ends,
        Set.of(new ExitStatus.Exited(0), new ExitStatus.Exited(1), new ExitStatus.Exited(2)),
        "ends");
  }

  private static void forkOrBeOvertaken(
      long parent, List<Thread> threads, Queue<ForkedProcess> children, AtomicInteger overtaken) {
    try {
      switch (JvmFork.fork()) {
        case Fork.Parent(ForkedProcess child) -> children.add(child);
        case Fork.Child() -> {
          checkEqual(Proc.parent(Proc.self()), parent, "parent");
          Program.await("the others", () -> threads.stream().filter(Thread::isAlive).count() == 1);
          SelfCheck.run(false);
          Libc.syscall(Libc.SYS_EXIT_GROUP, overtaken.get());
        }
      }
    } catch (ForkException e) {
      check(e.stage() == ForkException.Stage.OVERTAKEN, "%s", e.getMessage());
      check(Proc.self() != parent, "overtaken in the parent");
      overtaken.incrementAndGet();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** The lock for which calls of fork() queue. */
  private static ReentrantLock turn() throws ReflectiveOperationException {
    var field = Class.forName("dev.tine.fork.internal.Forking").getDeclaredField("TURN");
    field.setAccessible(true);
    return (ReentrantLock) field.get(null);
  }
}
