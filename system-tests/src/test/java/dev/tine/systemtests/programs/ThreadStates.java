package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.ForkedProcess;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What the kernel keeps for each thread: set in the parent by a thread, and read in the child by
 * the same thread.
 *
 * <p>Each aspect has a thread of its own, so that what one sets does not disturb the next.
 */
public final class ThreadStates {
  private static final int PR_SET_TIMERSLACK = 29;
  private static final int PR_GET_TIMERSLACK = 30;
  private static final int PR_GET_TID_ADDRESS = 40;
  private static final int ARCH_GET_FS = 0x1003;
  private static final int SCHED_FIFO = 1;
  private static final int SCHED_BATCH = 3;
  private static final int RSEQ_CPU_ID = 4; // offset in struct rseq

  private static final int OTHER_NAMES = 4; // exit code

  private ThreadStates() {}

  static void main() throws IOException {
    Program.serve(
        Map.ofEntries(
            Map.entry("tid", ThreadStates::tid),
            Map.entry("tid address", () -> has(ThreadStates::tidAddress)),
            Map.entry("join", ThreadStates::join),
            Map.entry("robust list", () -> has(ThreadStates::robustList)),
            Map.entry("robust mutex", ThreadStates::robustMutex),
            Map.entry("rseq", ThreadStates::rseq),
            Map.entry(
                "alternate stack",
                () -> keeps(ThreadStates::setAlternateStack, ThreadStates::alternateStack)),
            Map.entry("names", ThreadStates::names),
            Map.entry("nice", () -> keeps(() -> setNice(7), ThreadStates::nice)),
            Map.entry("affinity", () -> keeps(() -> setAffinity(1), ThreadStates::affinity)),
            Map.entry("batch", () -> keeps(() -> setPolicy(SCHED_BATCH, 0), ThreadStates::policy)),
            Map.entry(
                "realtime", () -> keeps(() -> setPolicy(SCHED_FIFO, 3), ThreadStates::policy)),
            Map.entry(
                "timer slack", () -> keeps(() -> setTimerSlack(123_456), ThreadStates::timerSlack)),
            Map.entry(
                "io priority",
                () -> keeps(() -> setIoPriority(2 << 13 | 6), ThreadStates::ioPriority)),
            Map.entry(
                "signal mask",
                () -> keeps(() -> Libc.mask(true, 10, 28, 60), ThreadStates::signalMask))));
  }

  /** What a thread finds out about itself. */
  private interface Look {
    String look() throws Exception;
  }

  /** Every thread has it, and it is the same in the child. */
  private static void has(Look look) throws Exception {
    try (Worker worker = new Worker("state-keeper")) {
      String before = worker.ask(look);
      inChild(() -> checkEqual(worker.ask(look), before, "in the child"));
      checkEqual(worker.ask(look), before, "in the parent afterwards");
    }
  }

  /**
   * Set in the parent, it is the same in the child and still the same in the parent; other threads
   * do not have it.
   */
  private static void keeps(Program.Step set, Look look) throws Exception {
    try (Worker worker = new Worker("state-keeper");
        Worker other = new Worker("other")) {
      String othersBefore = other.ask(look);
      worker.ask(() -> {
        set.run();
        return "";
      });
      String before = worker.ask(look);
      check(
          !before.equals(othersBefore) || Runtime.getRuntime().availableProcessors() == 1,
          "it was not set");
      inChild(() -> {
        checkEqual(worker.ask(look), before, "in the child");
        checkEqual(other.ask(look), othersBefore, "of another thread in the child");
      });
      checkEqual(worker.ask(look), before, "in the parent afterwards");
    }
  }

  /** glibc finds a thread by the tid in its pthread: for its name, its clock, and signals to it. */
  private static void tid() throws Exception {
    try (Worker worker = new Worker("named-thread")) {
      long[] thread = {0};
      worker.ask(() -> {
        thread[0] = Libc.self();
        return "";
      });
      String parentsTid = worker.ask(() -> "" + Libc.gettid());
      inChild(() -> {
        check(!worker.ask(() -> "" + Libc.gettid()).equals(parentsTid), "the tid is the parent's");
        checkEqual(nameOf(thread[0]), "named-thread", "pthread_getname_np");
        checkEqual(Libc.call("pthread_kill", thread[0], 0), 0, "pthread_kill(0)");
        MemorySegment clock = Libc.memory(8);
        checkEqual(
            Libc.call("pthread_getcpuclockid", thread[0], clock), 0, "pthread_getcpuclockid");
        checkEqual(
            Libc.call("clock_gettime", clock.get(JAVA_INT, 0), Libc.memory(16)),
            0,
            "clock_gettime");
        long cpuNanos =
            ManagementFactory.getThreadMXBean().getThreadCpuTime(worker.thread.threadId());
        check(cpuNanos >= 0, "processor time of the thread: %d", cpuNanos);
      });
    }
  }

  private static String nameOf(long thread) {
    MemorySegment name = Libc.memory(16);
    checkEqual(Libc.call("pthread_getname_np", thread, name, 16L), 0, "pthread_getname_np");
    return name.getString(0);
  }

  /** Relative to the thread, for it is the same in parent and child. */
  private static String tidAddress() {
    MemorySegment address = Libc.memory(8);
    checkEqual(Libc.syscall(Libc.SYS_PRCTL, PR_GET_TID_ADDRESS, address), 0, "PR_GET_TID_ADDRESS");
    long value = address.get(JAVA_LONG, 0);
    check(value != 0, "there is no tid address");
    checkEqual(at(value).get(JAVA_INT, 0), Libc.gettid(), "number at the tid address");
    return Long.toHexString(value);
  }

  /** The kernel wakes pthread_join by clearing the tid. */
  private static void join() throws Exception {
    MemorySegment semaphore = Libc.memory(32);
    checkEqual(Libc.call("sem_init", semaphore, 0, 0), 0, "sem_init");
    long thread = Libc.nativeThread("to-be-joined", "sem_wait", semaphore);
    Program.Step joining =
        () -> {
          var joined =
              CompletableFuture.supplyAsync(
                  () -> Libc.call("pthread_join", thread, MemorySegment.NULL));
          checkEqual(Libc.call("sem_post", semaphore), 0, "sem_post");
          checkEqual(joined.get(20, TimeUnit.SECONDS), 0, "pthread_join");
        };
    inChild(joining);
    joining.run();
  }

  private static String robustList() {
    MemorySegment head = Libc.memory(16);
    checkEqual(
        Libc.syscall(Libc.SYS_GET_ROBUST_LIST, 0, head, head.asSlice(8)), 0, "get_robust_list");
    check(head.get(JAVA_LONG, 0) != 0, "there is no robust list");
    return Long.toHexString(head.get(JAVA_LONG, 0)) + " " + head.get(JAVA_LONG, 8);
  }

  /** A thread that ends in the child with a robust mutex locked in the parent gives it up there. */
  private static void robustMutex() throws Exception {
    MemorySegment attributes = Libc.memory(8);
    checkEqual(Libc.call("pthread_mutexattr_init", attributes), 0, "pthread_mutexattr_init");
    checkEqual(
        Libc.call("pthread_mutexattr_setrobust", attributes, 1), 0, "pthread_mutexattr_setrobust");
    MemorySegment mutex = Libc.memory(64);
    checkEqual(Libc.call("pthread_mutex_init", mutex, attributes), 0, "pthread_mutex_init");
    try (Worker owner = new Worker("mutex-owner")) {
      owner.ask(() -> "" + Libc.call("pthread_mutex_lock", mutex));
      inChild(() -> {
        // Not via the mutex's owner field, which has the parent's tid: the kernel goes by the list
        // alone for this.
        checkEqual(owner.ask(ThreadStates::robustListLength), "1", "mutexes in the robust list");
      });
      checkEqual(
          owner.ask(() -> "" + Libc.call("pthread_mutex_unlock", mutex)),
          "0",
          "pthread_mutex_unlock");
    }
  }

  private static String robustListLength() {
    MemorySegment head = Libc.memory(16);
    checkEqual(
        Libc.syscall(Libc.SYS_GET_ROBUST_LIST, 0, head, head.asSlice(8)), 0, "get_robust_list");
    long first = head.get(JAVA_LONG, 0);
    int length = 0;
    for (long entry = at(first).get(JAVA_LONG, 0);
        entry != first;
        entry = at(entry).get(JAVA_LONG, 0)) {
      length++;
    }
    return "" + length;
  }

  /** The kernel tells a thread its processor through the rseq area, if it is registered. */
  private static void rseq() throws Exception {
    int size = at(Libc.symbol("__rseq_size").address()).get(JAVA_INT, 0);
    check(size > 0, "this glibc does not use rseq");
    long offset = at(Libc.symbol("__rseq_offset").address()).get(JAVA_LONG, 0);
    try (Worker worker = new Worker("mover")) {
      inChild(() -> {
        for (int cpu : new int[] {0, 1, 0}) {
          if (cpu < Runtime.getRuntime().availableProcessors()) {
            worker.ask(() -> moved(cpu, offset));
          }
        }
      });
      worker.ask(() -> moved(0, offset));
    }
  }

  private static String moved(int cpu, long offset) {
    setAffinity(1L << cpu);
    checkEqual(Libc.call("sched_getcpu"), cpu, "sched_getcpu");
    MemorySegment base = Libc.memory(8);
    checkEqual(Libc.syscall(Libc.SYS_ARCH_PRCTL, ARCH_GET_FS, base), 0, "ARCH_GET_FS");
    checkEqual(
        at(base.get(JAVA_LONG, 0) + offset).get(JAVA_INT, RSEQ_CPU_ID),
        cpu,
        "processor in the rseq area");
    return "";
  }

  private static void setAlternateStack() {
    MemorySegment stack = Libc.memory(24);
    stack.set(JAVA_LONG, 0, Libc.memory(256 * 1024).address());
    stack.set(JAVA_LONG, 16, 256 * 1024);
    checkEqual(Libc.call("sigaltstack", stack, MemorySegment.NULL), 0, "sigaltstack");
  }

  private static String alternateStack() {
    MemorySegment stack = Libc.memory(24);
    checkEqual(Libc.call("sigaltstack", MemorySegment.NULL, stack), 0, "sigaltstack");
    return Long.toHexString(stack.get(JAVA_LONG, 0))
        + " "
        + stack.get(JAVA_INT, 8)
        + " "
        + stack.get(JAVA_LONG, 16);
  }

  private static void names() throws Exception {
    try (Worker _ = new Worker("exactly-15-char");
        Worker _ = new Worker("same");
        Worker _ = new Worker("same")) {
      boolean equal = false;
      for (int attempt = 0; attempt < 20 && !equal; attempt++) {
        // The JVM may start or end a thread of its own between the looks.
        List<String> before = Proc.threadNames(Proc.self());
        ForkedProcess child =
            Program.fork(() -> {
              // Each thread names itself, which the fork does not wait for.
              Program.await("the names", () -> unnamed() == Collections.frequency(before, "java"));
              List<String> names = Proc.threadNames(Proc.self());
              check(names.contains("exactly-15-char"), "%s", names);
              checkEqual(Collections.frequency(names, "same"), 2, "threads with the same name");
              Libc.syscall(Libc.SYS_EXIT_GROUP, names.equals(before) ? 0 : OTHER_NAMES);
            });
        ExitStatus status = child.waitFor();
        equal = status.isSuccess();
        check(equal || status.equals(new ExitStatus.Exited(OTHER_NAMES)), "child %s", status);
      }
      check(equal, "never the same names");
    }
  }

  /** Threads with the name of the process, which threads have that did not get one of their own. */
  private static int unnamed() {
    return Collections.frequency(Proc.threadNames(Proc.self()), "java");
  }

  private static void setNice(int nice) {
    checkEqual(Libc.syscall(Libc.SYS_SETPRIORITY, 0, 0, nice), 0, "setpriority");
  }

  private static String nice() {
    return "" + (20 - Libc.syscall(Libc.SYS_GETPRIORITY, 0, 0));
  }

  private static void setAffinity(long cpus) {
    MemorySegment mask = Libc.memory(128);
    mask.set(JAVA_LONG, 0, cpus);
    checkEqual(Libc.syscall(Libc.SYS_SCHED_SETAFFINITY, 0, 128, mask), 0, "sched_setaffinity");
  }

  private static String affinity() {
    MemorySegment mask = Libc.memory(128);
    check(Libc.syscall(Libc.SYS_SCHED_GETAFFINITY, 0, 128, mask) > 0, "sched_getaffinity");
    return Long.toHexString(mask.get(JAVA_LONG, 0));
  }

  private static void setPolicy(int policy, int priority) {
    MemorySegment parameter = Libc.memory(8);
    parameter.set(JAVA_INT, 0, priority);
    checkEqual(
        Libc.syscall(Libc.SYS_SCHED_SETSCHEDULER, 0, policy, parameter), 0, "sched_setscheduler");
  }

  private static String policy() {
    MemorySegment parameter = Libc.memory(8);
    checkEqual(Libc.syscall(Libc.SYS_SCHED_GETPARAM, 0, parameter), 0, "sched_getparam");
    return Libc.syscall(Libc.SYS_SCHED_GETSCHEDULER, 0) + " " + parameter.get(JAVA_INT, 0);
  }

  private static void setTimerSlack(int nanos) {
    checkEqual(Libc.syscall(Libc.SYS_PRCTL, PR_SET_TIMERSLACK, nanos), 0, "PR_SET_TIMERSLACK");
  }

  private static String timerSlack() {
    return "" + Libc.syscall(Libc.SYS_PRCTL, PR_GET_TIMERSLACK);
  }

  private static void setIoPriority(int priority) {
    checkEqual(Libc.syscall(Libc.SYS_IOPRIO_SET, 1, 0, priority), 0, "ioprio_set");
  }

  private static String ioPriority() {
    return "" + Libc.syscall(Libc.SYS_IOPRIO_GET, 1, 0);
  }

  private static String signalMask() {
    MemorySegment mask = Libc.memory(128);
    checkEqual(Libc.call("pthread_sigmask", 0, MemorySegment.NULL, mask), 0, "pthread_sigmask");
    return Long.toHexString(mask.get(JAVA_LONG, 0));
  }

  @SuppressWarnings("restricted") // the addresses come from the kernel
  private static MemorySegment at(long address) {
    return MemorySegment.ofAddress(address).reinterpret(4096);
  }

  /** A platform thread that answers questions about itself, in every process. */
  private static final class Worker implements AutoCloseable {
    private record Question(Look look, CompletableFuture<String> answer) {}

    private final LinkedBlockingQueue<Question> questions = new LinkedBlockingQueue<>();
    private volatile boolean closed;
    private final Thread thread;

    Worker(String name) {
      thread = Thread.ofPlatform().daemon().name(name).start(this::answer);
    }

    String ask(Look look) throws Exception {
      var answer = new CompletableFuture<String>();
      questions.add(new Question(look, answer));
      return Objects.requireNonNull(answer.get(20, TimeUnit.SECONDS));
    }

    private void answer() {
      while (!closed) {
        try {
          Question question = questions.take();
          try {
            question.answer.complete(question.look.look());
          } catch (Throwable e) {
            question.answer.completeExceptionally(e);
          }
        } catch (InterruptedException e) {
          closed = true;
        }
      }
    }

    @Override
    public void close() {
      thread.interrupt();
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
