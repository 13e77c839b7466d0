package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tine.fork.ForkedProcess;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;

/** What the kernel knows of a thread, told before a fork and read back in the child. */
@SuppressWarnings("restricted") // tests call what Java has no words for
public final class ThreadAttributes {
  private static final int PR_SET_TIMERSLACK = 29;
  private static final int PR_GET_TIMERSLACK = 30;
  static final int SIGUSR1 = 10;
  static final int SIGWINCH = 28;
  private static final int SCHED_FIFO = 1;
  private static final int SCHED_BATCH = 3;
  private static final int SS_DISABLE = 2;
  private static final int IO_BEST_EFFORT_6 = 2 << 13 | 6;
  private static final int IO_IDLE = 3 << 13;
  static final int CPU_SET_BYTES = 128;

  private ThreadAttributes() {}

  static void main() throws IOException {
    Program.serve(
        Map.ofEntries(
            Map.entry("tid", ThreadIdentity::tid),
            Map.entry("join", ThreadIdentity::join),
            Map.entry("robust list", ThreadIdentity::robustList),
            Map.entry("robust list of the leader", ThreadIdentity::robustListOfTheLeader),
            Map.entry("rseq", ThreadIdentity::rseq),
            Map.entry("rseq of the leader", ThreadIdentity::rseqOfTheLeader),
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
            Map.entry("floating point environment", ThreadRegisters::floatingPointEnvironment),
            Map.entry("registers", ThreadRegisters::registers),
            Map.entry("wake-up signal", ThreadSignals::wakeUpSignal),
            Map.entry("pending signal", ThreadSignals::pendingSignal),
            Map.entry("native thread", ThreadIdentity::nativeThread)));
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

  static void setAffinity(int tid, int cpu) {
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

  static List<Integer> processors(MemorySegment set) {
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
}
