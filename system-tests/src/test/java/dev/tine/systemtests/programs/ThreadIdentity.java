package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tine.systemtests.kit.Proc;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.SynchronousQueue;

/** What makes a thread that thread: its tid, what glibc keeps of it, and who waits for its end. */
@SuppressWarnings("restricted") // tests call what Java has no words for
final class ThreadIdentity {
  private ThreadIdentity() {}

  private static final int PR_GET_TID_ADDRESS = 40;

  static void tid() throws Exception {
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

  static void join() throws Exception {
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

  static void robustList() throws Exception {
    try (var actor = new Actor("actor")) {
      List<Long> before = robustList(actor.ask(Libc::gettid));
      check(before.getFirst() != 0, "glibc has registered none");
      inChild(() -> checkEqual(robustList(actor.ask(Libc::gettid)), before, "in the child"));
      checkEqual(robustList(actor.ask(Libc::gettid)), before, "in the parent");
    }
  }

  static void robustListOfTheLeader() throws Exception {
    List<Long> before = robustList((int) Proc.self());
    check(before.getFirst() != 0, "glibc has registered none");
    inChild(() -> checkEqual(robustList((int) Proc.self()), before, "in the child"));
  }

  static List<Long> robustList(int tid) {
    MemorySegment values = Libc.memory(16);
    checkEqual(
        Libc.syscall(Libc.SYS_GET_ROBUST_LIST, tid, values, values.asSlice(8)),
        0,
        "get_robust_list");
    return List.of(values.get(JAVA_LONG, 0), values.get(JAVA_LONG, 8));
  }

  static void rseq() throws Exception {
    try (var actor = new Actor("actor")) {
      actor.tell(ThreadIdentity::checkProcessor);
      inChild(() -> {
        actor.tell(ThreadIdentity::checkProcessor);
        inChild(() -> actor.tell(ThreadIdentity::checkProcessor));
      });
      actor.tell(ThreadIdentity::checkProcessor);
    }
  }

  /**
   * The leader runs no Java code, but a signal makes it: the handler is a Java method, for which it
   * is attached to the JVM. Only in a child, which never has to end this thread in an orderly way.
   */
  static void rseqOfTheLeader() throws Exception {
    inChild(() -> {
      MemorySegment handler =
          Linker.nativeLinker()
              .upcallStub(
                  MethodHandles.lookup()
                      .findStatic(
                          ThreadIdentity.class,
                          "inLeader",
                          MethodType.methodType(void.class, int.class)),
                  FunctionDescriptor.ofVoid(JAVA_INT),
                  Arena.global());
      checkEqual(
          Libc.call("sigaction", ThreadAttributes.SIGWINCH, action(handler), MemorySegment.NULL),
          0,
          "sigaction");
      int leader = (int) Proc.self();
      checkEqual(
          Libc.syscall(Libc.SYS_TGKILL, leader, leader, ThreadAttributes.SIGWINCH), 0, "tgkill");
      checkEqual(LEADER_SAID.take(), "well", "the leader");
    });
  }

  private static final SynchronousQueue<String> LEADER_SAID = new SynchronousQueue<>();

  @SuppressWarnings("UnusedMethod") // by the handler
  private static void inLeader(int signal) {
    String said = "well";
    try {
      checkEqual(signal, ThreadAttributes.SIGWINCH, "signal");
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
    MemorySegment all = Libc.memory(ThreadAttributes.CPU_SET_BYTES);
    check(
        Libc.syscall(Libc.SYS_SCHED_GETAFFINITY, 0, ThreadAttributes.CPU_SET_BYTES, all) > 0,
        "sched_getaffinity");
    for (int round = 0; round < 2; round++) {
      for (int cpu : ThreadAttributes.processors(all)) {
        ThreadAttributes.setAffinity(0, cpu);
        checkEqual(Libc.call("sched_getcpu"), cpu, "sched_getcpu");
        rseqArea().ifPresent(area -> checkEqual(area.get(JAVA_INT, 4), cpu, "rseq.cpu_id"));
      }
    }
    checkEqual(
        Libc.syscall(Libc.SYS_SCHED_SETAFFINITY, 0, ThreadAttributes.CPU_SET_BYTES, all),
        0,
        "affinity");
  }

  /** struct rseq of the calling thread; none before glibc 2.35. */
  private static java.util.Optional<MemorySegment> rseqArea() {
    return SymbolLookup.libraryLookup("ld-linux-x86-64.so.2", Arena.global())
        .find("__rseq_offset")
        .map(offset ->
            MemorySegment.ofAddress(Libc.self() + offset.reinterpret(8).get(JAVA_LONG, 0))
                .reinterpret(32));
  }

  /** Threads that Java knows nothing of: alive, with what the kernel knows of them. */
  static void nativeThread() throws Exception {
    MemorySegment semaphore = Libc.memory(32);
    checkEqual(Libc.call("sem_init", semaphore, 0, 0), 0, "sem_init");
    checkEqual(
        Libc.call(
            "sigaction", ThreadAttributes.SIGUSR1, action(Libc.symbol("abs")), MemorySegment.NULL),
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
          checkEqual(
              Libc.call("pthread_kill", paused, ThreadAttributes.SIGUSR1), 0, "pthread_kill");
          checkEqual(Libc.call("pthread_join", paused, MemorySegment.NULL), 0, "pthread_join");
          joinNative(semaphore, waiting);
        };
    inChild(endThem);
    endThem.run();
  }
}
