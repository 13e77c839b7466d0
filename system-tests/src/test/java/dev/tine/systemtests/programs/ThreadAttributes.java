package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tine.fork.ForkedProcess;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** What the kernel knows of a thread, told before a fork and read back in the child. */
@SuppressWarnings("restricted") // tests call what Java has no words for
public final class ThreadAttributes {
  private static final int PR_SET_TIMERSLACK = 29;
  private static final int PR_GET_TIMERSLACK = 30;
  private static final int PR_GET_TID_ADDRESS = 40;
  private static final int SIGUSR1 = 10;
  private static final int SIGWINCH = 28;
  private static final int SCHED_FIFO = 1;
  private static final int SCHED_BATCH = 3;
  private static final int SS_DISABLE = 2;
  private static final int FE_UPWARD = 0x800;
  private static final int IO_BEST_EFFORT_6 = 2 << 13 | 6;
  private static final int IO_IDLE = 3 << 13;
  private static final int CPU_SET_BYTES = 128;

  private ThreadAttributes() {}

  static void main() throws IOException {
    Program.serve(
        Map.ofEntries(
            Map.entry("tid", ThreadAttributes::tid),
            Map.entry("join", ThreadAttributes::join),
            Map.entry("robust list", ThreadAttributes::robustList),
            Map.entry("robust list of the leader", ThreadAttributes::robustListOfTheLeader),
            Map.entry("rseq", ThreadAttributes::rseq),
            Map.entry("rseq of the leader", ThreadAttributes::rseqOfTheLeader),
            Map.entry("alternate stack", ThreadAttributes::alternateStack),
            Map.entry("names", ThreadAttributes::names),
            Map.entry("nice", ThreadAttributes::nice),
            Map.entry("affinity", ThreadAttributes::affinity),
            Map.entry("batch", ThreadAttributes::batch),
            Map.entry("real-time", ThreadAttributes::realTime),
            Map.entry("timer slack", ThreadAttributes::timerSlack),
            Map.entry("I/O priority", ThreadAttributes::ioPriority),
            Map.entry("leader apart", ThreadAttributes::leaderApart),
            Map.entry("signal mask", ThreadAttributes::signalMask),
            Map.entry("floating point environment", ThreadAttributes::floatingPointEnvironment),
            Map.entry("registers", ThreadAttributes::registers),
            Map.entry("wake-up signal", ThreadAttributes::wakeUpSignal),
            Map.entry("pending signal", ThreadAttributes::pendingSignal),
            Map.entry("native thread", ThreadAttributes::nativeThread)));
  }

  /** Does {@code set} in a thread; what it then reads must be {@code value}, after a fork too. */
  private static <T> void keeps(T value, Program.Step set, Callable<T> read) throws Exception {
    try (var actor = new Actor("keeper");
        var other = new Actor("other")) {
      T ofOthers = other.ask(read);
      actor.tell(set);
      checkEqual(actor.ask(read), value, "before the fork");
      inChild(() -> {
        checkEqual(actor.ask(read), value, "in the child");
        checkEqual(other.ask(read), ofOthers, "of another thread in the child");
        inChild(() -> checkEqual(actor.ask(read), value, "in the grandchild"));
      });
      checkEqual(actor.ask(read), value, "in the parent");
      checkEqual(other.ask(read), ofOthers, "of another thread in the parent");
    }
  }

  private static void tid() throws Exception {
    try (var actor = new Actor("actor")) {
      long thread = actor.ask(Libc::self);
      int inParent = actor.ask(Libc::gettid);
      checkTid(actor, thread);
      inChild(() -> {
        check(actor.ask(Libc::gettid) != inParent, "the tid of the parent's thread");
        checkTid(actor, thread);
      });
      checkEqual(actor.ask(Libc::gettid), inParent, "tid in the parent");
      checkTid(actor, thread);
    }
  }

  /** All that glibc and the kernel derive from a thread's tid. */
  private static void checkTid(Actor actor, long thread) throws Exception {
    int tid = actor.ask(Libc::gettid);
    checkEqual(Libc.call("pthread_kill", thread, 0), 0, "pthread_kill");
    checkEqual(actor.ask(() -> Libc.call("pthread_kill", thread, 0)), 0, "pthread_kill of itself");
    MemorySegment clock = Libc.memory(4);
    checkEqual(Libc.call("pthread_getcpuclockid", thread, clock), 0, "pthread_getcpuclockid");
    // MAKE_THREAD_CPUCLOCK(tid, CPUCLOCK_SCHED) of the kernel
    checkEqual(clock.get(JAVA_INT, 0), ~tid << 3 | 6, "the thread's clock");
    checkEqual(Libc.call("clock_gettime", clock.get(JAVA_INT, 0), Libc.memory(16)), 0, "its time");
    MemorySegment address = Libc.memory(8);
    checkEqual(
        actor.ask(() -> Libc.syscall(Libc.SYS_PRCTL, PR_GET_TID_ADDRESS, address)), 0, "prctl");
    checkEqual(
        MemorySegment.ofAddress(address.get(JAVA_LONG, 0)).reinterpret(4).get(JAVA_INT, 0),
        tid,
        "pthread.tid");
    check(Files.exists(Path.of("/proc/self/task/" + tid)), "no task %d", tid);
  }

  private static void join() throws Exception {
    MemorySegment semaphore = Libc.memory(32);
    checkEqual(Libc.call("sem_init", semaphore, 0, 0), 0, "sem_init");
    long joinable = Libc.nativeThread("joinable", "sem_wait", semaphore);
    try (var actor = new Actor("actor")) {
      inChild(() -> {
        check(actor.end(), "Thread.join in the child");
        joinNative(semaphore, joinable);
      });
      check(actor.ask(() -> true), "the parent's thread has ended with the child's");
    }
    joinNative(semaphore, joinable);
  }

  private static void joinNative(MemorySegment semaphore, long thread) {
    checkEqual(Libc.call("sem_post", semaphore), 0, "sem_post");
    checkEqual(Libc.call("pthread_join", thread, MemorySegment.NULL), 0, "pthread_join");
  }

  private static void robustList() throws Exception {
    try (var actor = new Actor("actor")) {
      List<Long> before = robustList(actor.ask(Libc::gettid));
      check(before.getFirst() != 0, "glibc has registered none");
      inChild(() -> checkEqual(robustList(actor.ask(Libc::gettid)), before, "in the child"));
      checkEqual(robustList(actor.ask(Libc::gettid)), before, "in the parent");
    }
  }

  private static void robustListOfTheLeader() throws Exception {
    List<Long> before = robustList((int) Proc.self());
    check(before.getFirst() != 0, "glibc has registered none");
    inChild(() -> checkEqual(robustList((int) Proc.self()), before, "in the child"));
  }

  private static List<Long> robustList(int tid) {
    MemorySegment values = Libc.memory(16);
    checkEqual(
        Libc.syscall(Libc.SYS_GET_ROBUST_LIST, tid, values, values.asSlice(8)),
        0,
        "get_robust_list");
    return List.of(values.get(JAVA_LONG, 0), values.get(JAVA_LONG, 8));
  }

  private static void rseq() throws Exception {
    try (var actor = new Actor("actor")) {
      actor.tell(ThreadAttributes::checkProcessor);
      inChild(() -> {
        actor.tell(ThreadAttributes::checkProcessor);
        inChild(() -> actor.tell(ThreadAttributes::checkProcessor));
      });
      actor.tell(ThreadAttributes::checkProcessor);
    }
  }

  /**
   * The leader runs no Java code, but a signal makes it: the handler is a Java method, for which it
   * is attached to the JVM. Only in a child, which never has to end this thread in an orderly way.
   */
  private static void rseqOfTheLeader() throws Exception {
    inChild(() -> {
      MemorySegment handler =
          Linker.nativeLinker()
              .upcallStub(
                  MethodHandles.lookup()
                      .findStatic(
                          ThreadAttributes.class,
                          "inLeader",
                          MethodType.methodType(void.class, int.class)),
                  FunctionDescriptor.ofVoid(JAVA_INT),
                  Arena.global());
      checkEqual(
          Libc.call("sigaction", SIGWINCH, action(handler), MemorySegment.NULL), 0, "sigaction");
      int leader = (int) Proc.self();
      checkEqual(Libc.syscall(Libc.SYS_TGKILL, leader, leader, SIGWINCH), 0, "tgkill");
      checkEqual(LEADER_SAID.take(), "well", "the leader");
    });
  }

  private static final SynchronousQueue<String> LEADER_SAID = new SynchronousQueue<>();

  @SuppressWarnings("UnusedMethod") // by the handler
  private static void inLeader(int signal) {
    String said = "well";
    try {
      checkEqual(signal, SIGWINCH, "signal");
      checkEqual((long) Libc.gettid(), Proc.self(), "tid of the leader");
      checkProcessor();
    } catch (Throwable e) {
      said = Program.trace(e);
    }
    try {
      LEADER_SAID.put(said);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** struct sigaction of glibc: the handler, and no flags. */
  private static MemorySegment action(MemorySegment handler) {
    MemorySegment action = Libc.memory(152);
    action.set(JAVA_LONG, 0, handler.address());
    return action;
  }

  /**
   * Moves the calling thread from processor to processor; the rseq area, and sched_getcpu(3), which
   * reads it, must follow.
   */
  private static void checkProcessor() {
    MemorySegment all = Libc.memory(CPU_SET_BYTES);
    check(Libc.syscall(Libc.SYS_SCHED_GETAFFINITY, 0, CPU_SET_BYTES, all) > 0, "sched_getaffinity");
    for (int round = 0; round < 2; round++) {
      for (int cpu : processors(all)) {
        setAffinity(0, cpu);
        checkEqual(Libc.call("sched_getcpu"), cpu, "sched_getcpu");
        rseqArea().ifPresent(area -> checkEqual(area.get(JAVA_INT, 4), cpu, "rseq.cpu_id"));
      }
    }
    checkEqual(Libc.syscall(Libc.SYS_SCHED_SETAFFINITY, 0, CPU_SET_BYTES, all), 0, "affinity");
  }

  /** struct rseq of the calling thread; none before glibc 2.35. */
  private static java.util.Optional<MemorySegment> rseqArea() {
    return SymbolLookup.libraryLookup("ld-linux-x86-64.so.2", Arena.global())
        .find("__rseq_offset")
        .map(offset ->
            MemorySegment.ofAddress(Libc.self() + offset.reinterpret(8).get(JAVA_LONG, 0))
                .reinterpret(32));
  }

  private static void alternateStack() throws Exception {
    MemorySegment stack = Libc.memory(64 * 1024);
    keeps(
        List.of(stack.address(), 0L, stack.byteSize()),
        () -> {
          MemorySegment wanted = Libc.memory(24);
          wanted.set(JAVA_LONG, 0, stack.address());
          wanted.set(JAVA_LONG, 16, stack.byteSize());
          checkEqual(Libc.call("sigaltstack", wanted, MemorySegment.NULL), 0, "sigaltstack");
        },
        ThreadAttributes::signalStack);
  }

  private static List<Long> signalStack() {
    MemorySegment now = Libc.memory(24);
    checkEqual(Libc.call("sigaltstack", MemorySegment.NULL, now), 0, "sigaltstack");
    long flags = now.get(JAVA_INT, 8);
    return flags == SS_DISABLE
        ? List.of()
        : List.of(now.get(JAVA_LONG, 0), flags, now.get(JAVA_LONG, 16));
  }

  private static void names() throws Exception {
    List<Actor> actors = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      actors.add(new Actor("namesake " + i / 3));
    }
    Libc.nativeThread("not of Java", "pause", MemorySegment.NULL);
    inChild(() -> {}); // threads that Tine needs have been started
    // The JVM may start or end a thread of its own meanwhile, in the parent or in the child; but
    // not
    // every time.
    boolean same = false;
    for (int attempt = 0; attempt < 20 && !same; attempt++) {
      boolean last = attempt == 19;
      List<String> before = Proc.threadNames(Proc.self());
      check(before.contains("namesake 1") && before.contains("not of Java"), "threads: %s", before);
      ForkedProcess child =
          Program.fork(() -> {
            List<String> here = Proc.threadNames(Proc.self());
            check(!last || here.equals(before), "threads before %s, in the child %s", before, here);
            Libc.syscall(Libc.SYS_EXIT_GROUP, here.equals(before) ? 0 : 1);
          });
      same = child.waitFor().isSuccess();
    }
    check(same, "the child has other threads");
    inChild(() -> {
      for (int i = 0; i < actors.size(); i++) {
        checkEqual(
            actors.get(i).ask(() -> Files.readString(Path.of("/proc/thread-self/comm")).strip()),
            "namesake " + i / 3,
            "name");
      }
    });
    for (Actor actor : actors) {
      actor.close();
    }
  }

  private static void nice() throws Exception {
    keeps(
        7,
        () -> checkEqual(Libc.call("setpriority", 0, 0, 7), 0, "setpriority"),
        () -> Libc.call("getpriority", 0, 0));
  }

  private static void affinity() throws Exception {
    List<Integer> all = affinity(0);
    for (int cpu : all) {
      keeps(List.of(cpu), () -> setAffinity(0, cpu), () -> affinity(0));
    }
  }

  private static void setAffinity(int tid, int cpu) {
    MemorySegment set = Libc.memory(CPU_SET_BYTES);
    set.set(JAVA_BYTE, cpu / 8, (byte) (1 << cpu % 8));
    checkEqual(
        Libc.syscall(Libc.SYS_SCHED_SETAFFINITY, tid, CPU_SET_BYTES, set), 0, "sched_setaffinity");
  }

  private static List<Integer> affinity(int tid) {
    MemorySegment set = Libc.memory(CPU_SET_BYTES);
    check(Libc.syscall(Libc.SYS_SCHED_GETAFFINITY, tid, CPU_SET_BYTES, set) > 0, "affinity");
    return processors(set);
  }

  private static List<Integer> processors(MemorySegment set) {
    List<Integer> processors = new ArrayList<>();
    for (int cpu = 0; cpu < CPU_SET_BYTES * 8; cpu++) {
      if ((set.get(JAVA_BYTE, cpu / 8) >> cpu % 8 & 1) != 0) {
        processors.add(cpu);
      }
    }
    return processors;
  }

  private static void batch() throws Exception {
    keeps(List.of(SCHED_BATCH, 0), () -> setPolicy(0, SCHED_BATCH, 0), () -> policy(0));
  }

  private static void realTime() throws Exception {
    keeps(List.of(SCHED_FIFO, 5), () -> setPolicy(0, SCHED_FIFO, 5), () -> policy(0));
  }

  private static void setPolicy(int tid, int policy, int priority) {
    MemorySegment parameter = Libc.memory(4);
    parameter.set(JAVA_INT, 0, priority);
    checkEqual(
        Libc.syscall(Libc.SYS_SCHED_SETSCHEDULER, tid, policy, parameter), 0, "sched_setscheduler");
  }

  private static List<Integer> policy(int tid) {
    MemorySegment parameter = Libc.memory(4);
    checkEqual(Libc.syscall(Libc.SYS_SCHED_GETPARAM, tid, parameter), 0, "sched_getparam");
    return List.of(Libc.syscall(Libc.SYS_SCHED_GETSCHEDULER, tid), parameter.get(JAVA_INT, 0));
  }

  private static void timerSlack() throws Exception {
    keeps(
        123_456,
        () -> checkEqual(Libc.syscall(Libc.SYS_PRCTL, PR_SET_TIMERSLACK, 123_456), 0, "prctl"),
        () -> Libc.syscall(Libc.SYS_PRCTL, PR_GET_TIMERSLACK));
  }

  private static void ioPriority() throws Exception {
    for (int priority : new int[] {IO_BEST_EFFORT_6, IO_IDLE}) {
      keeps(
          priority,
          () -> checkEqual(Libc.syscall(Libc.SYS_IOPRIO_SET, 1, 0, priority), 0, "ioprio_set"),
          () -> Libc.syscall(Libc.SYS_IOPRIO_GET, 1, 0));
    }
  }

  /** Threads are clones of the leader, but must not get what is the leader's alone. */
  private static void leaderApart() throws Exception {
    inChild(() -> { // the attributes of the leader of a child are spoilt, not those of this process
      int leader = (int) Proc.self();
      try (var actor = new Actor("actor")) {
        List<Object> before = actor.ask(ThreadAttributes::attributes);
        setPolicy(leader, SCHED_BATCH, 0);
        setAffinity(leader, affinity(0).getLast());
        checkEqual(Libc.syscall(Libc.SYS_IOPRIO_SET, 1, leader, IO_IDLE), 0, "ioprio_set");
        Files.writeString(Path.of("/proc/self/task/" + leader + "/comm"), "leader");
        List<Object> ofLeader = leaderAttributes(leader);
        inChild(() -> {
          checkEqual(actor.ask(ThreadAttributes::attributes), before, "in the child");
          checkEqual(leaderAttributes((int) Proc.self()), ofLeader, "of the child's leader");
        });
        checkEqual(actor.ask(ThreadAttributes::attributes), before, "in the parent");
      }
    });
  }

  private static List<Object> attributes() throws IOException {
    return List.of(
        policy(0),
        affinity(0),
        Libc.syscall(Libc.SYS_IOPRIO_GET, 1, 0),
        Libc.syscall(Libc.SYS_PRCTL, PR_GET_TIMERSLACK),
        Libc.call("getpriority", 0, 0),
        Files.readString(Path.of("/proc/thread-self/comm")));
  }

  private static List<Object> leaderAttributes(int leader) throws IOException {
    return List.of(
        policy(leader),
        affinity(leader),
        Libc.syscall(Libc.SYS_IOPRIO_GET, 1, leader),
        Libc.call("getpriority", 0, leader),
        Files.readString(Path.of("/proc/self/task/" + leader + "/comm")));
  }

  private static void signalMask() throws Exception {
    var set = new TreeSet<>(blockedSignals());
    set.add(SIGUSR1);
    set.add(SIGWINCH);
    keeps(
        List.copyOf(set),
        () -> Libc.mask(true, SIGUSR1, SIGWINCH),
        ThreadAttributes::blockedSignals);
  }

  private static List<Integer> blockedSignals() {
    MemorySegment set = Libc.memory(128);
    checkEqual(Libc.call("pthread_sigmask", 0, MemorySegment.NULL, set), 0, "pthread_sigmask");
    List<Integer> signals = new ArrayList<>();
    for (int signal = 1; signal <= 64; signal++) {
      if ((set.get(JAVA_LONG, 0) >> (signal - 1) & 1) != 0) {
        signals.add(signal);
      }
    }
    return signals;
  }

  private static void floatingPointEnvironment() throws Exception {
    // Of fenv_t: x87 control word, MXCSR without its sticky flags.
    MemorySegment environment = Libc.memory(32);
    try (var actor = new Actor("rounds up")) {
      Callable<List<Integer>> read =
          () -> {
            checkEqual(Libc.call("fegetenv", environment), 0, "fegetenv");
            return List.of(
                Libc.call("fegetround"),
                environment.get(JAVA_INT, 0) & 0xffff,
                environment.get(JAVA_INT, 28) & ~0x3f);
          };
      List<Integer> usual = read.call();
      actor.tell(() -> checkEqual(Libc.call("fesetround", FE_UPWARD), 0, "fesetround"));
      List<Integer> wanted = actor.ask(read);
      checkEqual(wanted.getFirst(), FE_UPWARD, "rounding");
      check(!wanted.get(2).equals(usual.get(2)), "MXCSR: %s", wanted);
      inChild(() -> {
        checkEqual(actor.ask(read), wanted, "in the child");
        checkEqual(read.call(), usual, "of another thread in the child");
      });
      checkEqual(actor.ask(read), wanted, "in the parent");
      actor.tell(() -> checkEqual(Libc.call("fesetround", 0), 0, "fesetround"));
    }
  }

  /** Loops that keep all they know in registers are caught in their midst, many times. */
  private static void registers() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    var wrong = new AtomicReference<>("");
    AtomicLong vectors = new AtomicLong();
    AtomicLong scalars = new AtomicLong();
    int[] a = new int[4096];
    double[] b = new double[4096];
    for (int i = 0; i < a.length; i++) {
      a[i] = i * 31;
      b[i] = 1.0 / (i + 1);
    }
    int vectorSum = vectorSum(a);
    double scalarSum = scalarSum(b);
    List<Thread> threads =
        List.of(
            Thread.ofPlatform()
                .name("vectors")
                .start(() -> {
                  while (!stop.get()) {
                    int sum = vectorSum(a);
                    if (sum != vectorSum) {
                      wrong.set("vectors: " + sum + ", expected " + vectorSum);
                    }
                    vectors.incrementAndGet();
                  }
                }),
            Thread.ofPlatform()
                .name("scalars")
                .start(() -> {
                  while (!stop.get()) {
                    double sum = scalarSum(b);
                    if (Double.doubleToRawLongBits(sum) != Double.doubleToRawLongBits(scalarSum)) {
                      wrong.set("scalars: " + sum + ", expected " + scalarSum);
                    }
                    scalars.incrementAndGet();
                  }
                }));
    try {
      await("compiled code", () -> vectors.get() > 30_000 && scalars.get() > 30_000);
      for (int i = 0; i < 20; i++) {
        long vectorsBefore = vectors.get();
        long scalarsBefore = scalars.get();
        inChild(() -> {
          await(
              "loops in the child",
              () -> vectors.get() > vectorsBefore + 50 && scalars.get() > scalarsBefore + 50);
          checkEqual(wrong.get(), "", "in the child");
        });
        await(
            "loops in the parent",
            () -> vectors.get() > vectorsBefore + 50 && scalars.get() > scalarsBefore + 50);
        checkEqual(wrong.get(), "", "in the parent");
      }
    } finally {
      stop.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  /** C2 makes vector instructions of this. */
  private static int vectorSum(int[] a) {
    int sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * a[i] ^ i;
    }
    return sum;
  }

  /** And keeps this in one register, in order. */
  private static double scalarSum(double[] b) {
    double sum = 0;
    for (int i = 0; i < b.length; i++) {
      sum = sum * 0.9999 + b[i];
    }
    return sum;
  }

  /**
   * A channel is closed under a thread that is blocked in it by a signal to that thread, which may
   * be on its way when the fork comes.
   */
  private static void wakeUpSignal() throws Exception {
    var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    for (int i = 0; i < 30; i++) {
      try (var server = ServerSocketChannel.open().bind(here);
          var client = SocketChannel.open(server.getLocalAddress());
          var connection = server.accept()) {
        int spins = i * 300; // another moment of the fork each time
        if (i % 2 == 0) {
          closeWhileForking(server, server::accept, spins, "closed");
        } else {
          closeWhileForking(
              connection,
              () -> connection.read(ByteBuffer.allocate(1)),
              spins,
              // Connections are the parent's; in the child the read fails, or is closed before.
              "closed|.*Transport endpoint is not connected");
        }
        check(client.isOpen(), "the other end was closed");
      }
    }
  }

  private static void closeWhileForking(
      Channel channel, Callable<Object> blocking, int spins, String inChild) throws Exception {
    var tid = new AtomicLong();
    var outcome = new AtomicReference<>("");
    Runnable block =
        () -> {
          tid.set(Libc.gettid());
          try {
            outcome.set("returned " + blocking.call());
          } catch (ClosedChannelException e) {
            outcome.set("closed");
          } catch (Exception e) {
            outcome.set(e.toString());
          }
        };
    Thread blocked = Thread.ofPlatform().name("blocked").daemon().start(block);
    await("blocked thread", () -> waitsIn((int) tid.get()));
    var go = new CountDownLatch(1);
    Runnable close =
        () -> {
          try {
            go.await();
            for (int spin = 0; spin < spins; spin++) {
              Thread.onSpinWait();
            }
            channel.close();
          } catch (InterruptedException | IOException e) {
            throw new AssertionError(e);
          }
        };
    Thread closer = Thread.ofPlatform().name("closer").daemon().start(close);
    go.countDown();
    ForkedProcess child =
        Program.fork(() -> {
          checkWoken(closer, blocked);
          check(outcome.get().matches(inChild), "outcome in the child: %s", outcome);
        });
    checkWoken(closer, blocked);
    checkEqual(outcome.get(), "closed", "outcome");
    Program.expectSuccess(child);
  }

  private static void checkWoken(Thread closer, Thread blocked) throws InterruptedException {
    check(closer.join(Program.LIMIT), "close() hangs");
    check(blocked.join(Program.LIMIT), "the blocked thread was not woken");
  }

  /**
   * A signal that is sent to a thread in a system call, and not yet delivered when the fork comes.
   */
  private static void pendingSignal() throws Exception {
    MemorySegment ends = Libc.memory(8);
    checkEqual(Libc.call("pipe", ends), 0, "pipe");
    var tid = new AtomicLong();
    var pending = new AtomicReference<>("");
    // The signal is blocked: so it is pending for certain.
    Thread reader =
        Thread.ofPlatform()
            .name("reader")
            .start(() -> {
              Libc.mask(true, SIGWINCH);
              checkEqual(Libc.call("pthread_kill", Libc.self(), SIGWINCH), 0, "pthread_kill");
              tid.set(Libc.gettid());
              checkEqual(Libc.call("read", ends.get(JAVA_INT, 0), Libc.memory(1), 1L), 1, "read");
              MemorySegment set = Libc.memory(128);
              checkEqual(Libc.call("sigpending", set), 0, "sigpending");
              pending.set(Long.toHexString(set.get(JAVA_LONG, 0)));
            });
    await("reader", () -> waitsIn((int) tid.get()));
    Program.Step goOn =
        () -> {
          checkEqual(Libc.call("write", ends.get(JAVA_INT, 4), Libc.memory(1), 1L), 1, "write");
          check(reader.join(Program.LIMIT), "the reader hangs");
          checkEqual(pending.get(), Long.toHexString(1L << (SIGWINCH - 1)), "pending signals");
        };
    ForkedProcess child = Program.fork(goOn);
    goOn.run();
    Program.expectSuccess(child);
  }

  /** In read(2) or accept(2), not in a lock. */
  private static boolean waitsIn(int tid) {
    try {
      return tid != 0
          && Files.readString(Path.of("/proc/self/task/" + tid + "/syscall"))
              .matches("(?s)(0|43|288) .*");
    } catch (IOException e) {
      return false;
    }
  }

  /** Threads that Java knows nothing of: alive, with what the kernel knows of them. */
  private static void nativeThread() throws Exception {
    MemorySegment semaphore = Libc.memory(32);
    checkEqual(Libc.call("sem_init", semaphore, 0, 0), 0, "sem_init");
    checkEqual(
        Libc.call("sigaction", SIGUSR1, action(Libc.symbol("abs")), MemorySegment.NULL),
        0,
        "sigaction");
    long paused = Libc.nativeThread("native pause", "pause", MemorySegment.NULL);
    long waiting = Libc.nativeThread("native wait", "sem_wait", semaphore);
    Program.Step endThem =
        () -> {
          // Each takes its name itself as soon as it runs, and this thread goes on first.
          await(
              "the threads",
              () ->
                  Proc.threadNames(Proc.self())
                      .containsAll(List.of("native pause", "native wait")));
          checkEqual(Libc.call("pthread_kill", paused, SIGUSR1), 0, "pthread_kill");
          checkEqual(Libc.call("pthread_join", paused, MemorySegment.NULL), 0, "pthread_join");
          joinNative(semaphore, waiting);
        };
    inChild(endThem);
    endThem.run();
  }
}
