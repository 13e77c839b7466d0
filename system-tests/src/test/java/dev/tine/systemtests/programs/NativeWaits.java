package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Wait.systemCall;
import static dev.tine.systemtests.programs.Wait.systemCallTimeout;
import static dev.tine.systemtests.programs.Wait.timeoutMs;
import static java.lang.foreign.MemorySegment.NULL;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/** Threads in functions of the C library that wait in the kernel. */
public final class NativeWaits {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int CLOCK_REALTIME = 0;
  private static final int CLOCK_MONOTONIC = 1;
  private static final int TIMER_ABSTIME = 1;
  private static final int EPOLLIN = 1;
  private static final int EPOLL_CTL_ADD = 1;
  private static final short POLLIN = 1;
  private static final int O_CREAT_RDWR = 0102;
  private static final int LOCK_EX = 2;
  private static final int LOCK_UN = 8;
  private static final int IPC_PRIVATE = 0;
  private static final int IPC_RMID = 0;
  private static final int FUTEX_WAIT_PRIVATE = 128;
  private static final int SYS_FUTEX = 202;
  private static final int SIGUSR1 = 10;
  private static final int SIGWINCH = 28;
  private static final int SIGCONT = 18;
  private static final int ETIMEDOUT = 110;
  private static final long NEVER_MS = 60_000;

  private final List<Wait> waits = new ArrayList<>();
  private final List<Program.Step> cleanUps = new ArrayList<>();

  private NativeWaits() {}

  static void main() throws Exception {
    var all = new NativeWaits();
    long parent = Proc.self();
    all.polls();
    all.selects();
    all.sleeps();
    all.signals();
    all.locks();
    all.readsAndWrites();
    all.sockets();
    all.fileLock();
    all.systemV();
    all.unknownCalls();
    try {
      Wait.main(all.waits);
    } finally {
      if (Proc.self() == parent) {
        for (Program.Step cleanUp : all.cleanUps) {
          cleanUp.run();
        }
      }
    }
    Libc.syscall(Libc.SYS_EXIT_GROUP, 0); // a wait that failed may still hold a thread
  }

  private void polls() {
    int[] polled = pipe();
    waits.add(
        systemCall("poll", byteInto(polled), () -> Libc.call("poll", pollSet(polled), 1L, -1), 1));
    int[] timed = pipe();
    waits.add(
        systemCall(
                "poll with timeout",
                byteInto(timed),
                () -> Libc.call("poll", pollSet(timed), 1L, (int) NEVER_MS),
                1)
            .interruptible());
    int[] precise = pipe();
    waits.add(
        systemCall(
            "ppoll",
            byteInto(precise),
            () -> Libc.call("ppoll", pollSet(precise), 1L, NULL, NULL),
            1));
    int[] silent = pipe();
    waits.add(
        systemCallTimeout(
            "ppoll with timeout",
            () -> Libc.call("ppoll", pollSet(silent), 1L, time(timeoutMs()), NULL),
            0));
    for (String function : new String[] {"epoll_wait", "epoll_pwait"}) {
      int[] member = pipe();
      waits.add(systemCall(function, byteInto(member), epollWait(function, member, -1), 1));
      int[] timedMember = pipe();
      waits.add(
          systemCall(
                  function + " with timeout",
                  byteInto(timedMember),
                  epollWait(function, timedMember, (int) NEVER_MS),
                  1)
              .interruptible());
    }
  }

  private static Callable<Integer> epollWait(String function, int[] pipe, int timeoutMs) {
    int set = Libc.call("epoll_create1", 0);
    MemorySegment event = Libc.memory(12);
    event.set(JAVA_INT, 0, EPOLLIN);
    checkEqual(Libc.call("epoll_ctl", set, EPOLL_CTL_ADD, pipe[0], event), 0, "epoll_ctl");
    return function.equals("epoll_wait")
        ? () -> Libc.call(function, set, Libc.memory(12), 1, timeoutMs)
        : () -> Libc.call(function, set, Libc.memory(12), 1, timeoutMs, NULL);
  }

  private void selects() {
    int[] selected = pipe();
    waits.add(
        systemCall(
            "select",
            byteInto(selected),
            () -> Libc.call("select", selected[0] + 1, bitSet(selected[0]), NULL, NULL, NULL),
            1));
    int[] silent = pipe();
    waits.add(
        systemCallTimeout(
            "select with timeout",
            () ->
                Libc.call(
                    "select", silent[0] + 1, bitSet(silent[0]), NULL, NULL, timeval(timeoutMs())),
            0));
    int[] masked = pipe();
    waits.add(
        systemCall(
            "pselect",
            byteInto(masked),
            () ->
                Libc.call(
                    "pselect", masked[0] + 1, bitSet(masked[0]), NULL, NULL, NULL, threadMask()),
            1));
    int[] silentMasked = pipe();
    waits.add(
        systemCallTimeout(
            "pselect with timeout",
            () ->
                Libc.call(
                    "pselect",
                    silentMasked[0] + 1,
                    bitSet(silentMasked[0]),
                    NULL,
                    NULL,
                    time(timeoutMs()),
                    threadMask()),
            0));
  }

  private void sleeps() {
    waits.add(
        systemCallTimeout(
            "nanosleep with rest",
            () -> Libc.call("nanosleep", time(timeoutMs()), Libc.memory(16)),
            0));
    waits.add(
        systemCallTimeout(
                "nanosleep without rest",
                () -> Libc.call("nanosleep", time(timeoutMs() / 4), NULL),
                0)
            .interruptible());
    waits.add(
        systemCallTimeout("usleep", () -> Libc.call("usleep", timeoutMs() / 4 * 1_000), 0)
            .interruptible());
    for (int clock : new int[] {CLOCK_REALTIME, CLOCK_MONOTONIC}) {
      String name = clock == CLOCK_REALTIME ? "CLOCK_REALTIME" : "CLOCK_MONOTONIC";
      waits.add(
          systemCallTimeout(
              "clock_nanosleep until a time of " + name,
              () -> Libc.call("clock_nanosleep", clock, TIMER_ABSTIME, at(clock), NULL),
              0));
    }
    waits.add(
        systemCallTimeout(
            "clock_nanosleep with rest",
            () ->
                Libc.call(
                    "clock_nanosleep", CLOCK_MONOTONIC, 0, time(timeoutMs()), Libc.memory(16)),
            0));
    waits.add(
        systemCallTimeout(
                "clock_nanosleep without rest",
                // Returns the errno.
                () ->
                    -Libc.call("clock_nanosleep", CLOCK_MONOTONIC, 0, time(timeoutMs() / 4), NULL),
                0)
            .interruptible());
    waits.add(systemCallTimeout("sleep", () -> Libc.call("sleep", timeoutMs() / 1_000), 0));
  }

  private void signals() {
    MemorySegment action = Libc.memory(152);
    action.set(JAVA_LONG, 0, Libc.symbol("abs").address()); // a handler that does nothing
    checkEqual(Libc.call("sigaction", SIGUSR1, action, NULL), 0, "sigaction");
    AtomicLong paused = new AtomicLong();
    waits.add(
        systemCall(
            "pause",
            () -> checkEqual(Libc.call("pthread_kill", paused.get(), SIGUSR1), 0, "kill"),
            () -> {
              paused.set(Libc.self());
              return Libc.call("pause");
            },
            -Libc.EINTR));
    AtomicLong suspended = new AtomicLong();
    waits.add(
        systemCall(
            "sigsuspend",
            () -> checkEqual(Libc.call("pthread_kill", suspended.get(), SIGUSR1), 0, "kill"),
            () -> {
              suspended.set(Libc.self());
              Libc.mask(true, SIGUSR1);
              return Libc.call("sigsuspend", Libc.signalSet(SIGCONT));
            },
            -Libc.EINTR));
    MemorySegment set = Libc.signalSet(SIGWINCH);
    for (String function : new String[] {"sigwaitinfo", "sigtimedwait"}) {
      AtomicLong waiting = new AtomicLong();
      Wait wait =
          systemCall(
              function,
              () -> checkEqual(Libc.call("pthread_kill", waiting.get(), SIGWINCH), 0, "kill"),
              () -> {
                waiting.set(Libc.self());
                Libc.mask(true, SIGWINCH);
                return function.equals("sigwaitinfo")
                    ? Libc.call(function, set, NULL)
                    : Libc.call(function, set, NULL, time(NEVER_MS));
              },
              SIGWINCH);
      waits.add(function.equals("sigwaitinfo") ? wait : wait.interruptible());
    }
  }

  private void locks() {
    MemorySegment posted = semaphore();
    waits.add(
        systemCall(
            "sem_wait",
            () -> checkEqual(Libc.call("sem_post", posted), 0, "sem_post"),
            () -> Libc.call("sem_wait", posted),
            0));
    MemorySegment never = semaphore();
    waits.add(
        systemCallTimeout(
            "sem_timedwait",
            () -> Libc.call("sem_timedwait", never, at(CLOCK_REALTIME)),
            -ETIMEDOUT));
    MemorySegment neverMonotonic = semaphore();
    waits.add(
        systemCallTimeout(
            "sem_clockwait",
            () -> Libc.call("sem_clockwait", neverMonotonic, CLOCK_MONOTONIC, at(CLOCK_MONOTONIC)),
            -ETIMEDOUT));
    MemorySegment mutex = Libc.memory(64);
    MemorySegment condition = Libc.memory(64);
    waits.add(
        systemCall(
            "pthread_cond_wait",
            () -> checkEqual(Libc.call("pthread_cond_broadcast", condition), 0, "broadcast"),
            () -> {
              Libc.call("pthread_mutex_lock", mutex);
              int result = Libc.call("pthread_cond_wait", condition, mutex);
              Libc.call("pthread_mutex_unlock", mutex);
              return result;
            },
            0));
    MemorySegment timedMutex = Libc.memory(64);
    MemorySegment timedCondition = Libc.memory(64);
    waits.add(
        systemCallTimeout(
            "pthread_cond_timedwait",
            () -> {
              Libc.call("pthread_mutex_lock", timedMutex);
              int result =
                  Libc.call(
                      "pthread_cond_timedwait", timedCondition, timedMutex, at(CLOCK_REALTIME));
              Libc.call("pthread_mutex_unlock", timedMutex);
              return result;
            },
            ETIMEDOUT));
    MemorySegment held = Libc.memory(64);
    Libc.call("pthread_mutex_lock", held);
    waits.add(
        systemCall(
            "pthread_mutex_lock",
            () -> Libc.call("pthread_mutex_unlock", held),
            () -> Libc.call("pthread_mutex_lock", held),
            0));
    MemorySegment ending = semaphore();
    long thread = Libc.nativeThread("joined", "sem_wait", ending);
    waits.add(
        systemCall(
            "pthread_join",
            () -> checkEqual(Libc.call("sem_post", ending), 0, "sem_post"),
            () -> Libc.call("pthread_join", thread, NULL),
            0));
  }

  private void readsAndWrites() {
    int[] pipe = pipe();
    waits.add(
        systemCall(
            "read", byteInto(pipe), () -> Libc.call("read", pipe[0], Libc.memory(1), 1L), 1));
    int[] vector = pipe();
    waits.add(
        systemCall(
            "readv",
            byteInto(vector),
            () -> {
              MemorySegment one = Libc.memory(16);
              one.set(JAVA_LONG, 0, Libc.memory(1).address());
              one.set(JAVA_LONG, 8, 1);
              return Libc.call("readv", vector[0], one, 1);
            },
            1));
    int[] full = pipe();
    int capacity = Libc.call("fcntl", full[1], 1031, NULL); // F_SETPIPE_SZ of 0: one page
    checkEqual(
        Libc.call("write", full[1], Libc.memory(capacity), (long) capacity), capacity, "write");
    waits.add(
        systemCall(
            "write",
            () ->
                checkEqual(
                    Libc.call("read", full[0], Libc.memory(capacity), (long) capacity) > 0,
                    true,
                    "read"),
            () -> Libc.call("write", full[1], Libc.memory(1), 1L),
            1));
    int count = Libc.call("eventfd", 0, 0);
    MemorySegment one = Libc.memory(8);
    one.set(JAVA_LONG, 0, 1);
    waits.add(
        systemCall(
            "read of an eventfd",
            () -> checkEqual(Libc.call("write", count, one, 8L), 8, "write"),
            () -> Libc.call("read", count, Libc.memory(8), 8L),
            8));
  }

  private void sockets() {
    int listener = Libc.call("socket", AF_UNIX, SOCK_STREAM, 0);
    MemorySegment address = Libc.memory(2); // no path: the kernel chooses a name
    address.set(JAVA_SHORT, 0, (short) AF_UNIX);
    checkEqual(Libc.call("bind", listener, address, 2), 0, "bind");
    checkEqual(Libc.call("listen", listener, 5), 0, "listen");
    MemorySegment name = Libc.memory(110);
    MemorySegment length = Libc.memory(4);
    length.set(JAVA_INT, 0, 110);
    checkEqual(Libc.call("getsockname", listener, name, length), 0, "getsockname");
    waits.add(
        systemCall(
            "accept",
            () -> {
              int client = Libc.call("socket", AF_UNIX, SOCK_STREAM, 0);
              checkEqual(Libc.call("connect", client, name, length.get(JAVA_INT, 0)), 0, "connect");
            },
            () -> Math.min(0, Libc.call("accept", listener, NULL, NULL)),
            0));
    for (boolean timed : new boolean[] {false, true}) {
      MemorySegment pair = Libc.memory(8);
      checkEqual(Libc.call("socketpair", AF_UNIX, SOCK_STREAM, 0, pair), 0, "socketpair");
      int receiver = pair.get(JAVA_INT, 0);
      if (timed) {
        checkEqual(
            Libc.call("setsockopt", receiver, SOL_SOCKET, SO_RCVTIMEO, timeval(NEVER_MS), 16),
            0,
            "setsockopt");
      }
      Wait wait =
          systemCall(
              timed ? "recv under SO_RCVTIMEO" : "recv",
              () ->
                  checkEqual(
                      Libc.call("send", pair.get(JAVA_INT, 4), Libc.memory(3), 3L, 0), 3, "send"),
              () -> Libc.call("recv", receiver, Libc.memory(10), 10L, 0),
              3);
      waits.add(timed ? wait.interruptible() : wait);
    }
  }

  /** The lock belongs to the parent: its end ends both waits. */
  private void fileLock() throws IOException {
    Path path = Files.createTempFile("lock-", "");
    MemorySegment name = Libc.string(path.toString());
    int holder = Libc.call("open", name, O_CREAT_RDWR, 0600);
    int waiter = Libc.call("open", name, O_CREAT_RDWR, 0600);
    Files.delete(path);
    checkEqual(Libc.call("flock", holder, LOCK_EX), 0, "flock");
    waits.add(
        systemCall(
            "flock",
            () -> checkEqual(Libc.call("flock", holder, LOCK_UN), 0, "unlock"),
            () -> {
              int result = Libc.call("flock", waiter, LOCK_EX);
              Libc.call("flock", waiter, LOCK_UN); // the copy of this thread waits for it as well
              return result;
            },
            0));
  }

  private void systemV() {
    int semaphores = Libc.call("semget", IPC_PRIVATE, 1, 0600);
    check(semaphores >= 0, "semget: %d", semaphores);
    int queue = Libc.call("msgget", IPC_PRIVATE, 0600);
    check(queue >= 0, "msgget: %d", queue);
    cleanUps.add(() -> {
      Libc.call("semctl", semaphores, 0, IPC_RMID);
      Libc.call("msgctl", queue, IPC_RMID, NULL);
    });
    waits.add(
        systemCall(
                "semop",
                () -> checkEqual(Libc.call("semop", semaphores, semaphoreStep(1), 1L), 0, "semop"),
                () -> Libc.call("semop", semaphores, semaphoreStep(-1), 1L),
                0)
            .interruptible());
    waits.add(
        systemCall(
                "msgrcv",
                () -> {
                  MemorySegment message = Libc.memory(16);
                  message.set(JAVA_LONG, 0, 1); // its type
                  checkEqual(Libc.call("msgsnd", queue, message, 4L, 0), 0, "msgsnd");
                },
                () -> Libc.call("msgrcv", queue, Libc.memory(16), 8L, 0L, 0),
                4)
            .interruptible());
  }

  /** The number of these is not known: it is an argument of syscall(3). */
  private void unknownCalls() {
    int[] polled = pipe();
    waits.add(
        systemCall(
                "syscall(SYS_poll)",
                byteInto(polled),
                () -> Libc.syscall(Libc.SYS_POLL, pollSet(polled), 1, -1),
                1)
            .interruptible());
    MemorySegment word = Libc.memory(4);
    waits.add(
        systemCallTimeout(
                "syscall(SYS_futex) with a relative time",
                () -> Libc.syscall(SYS_FUTEX, word, FUTEX_WAIT_PRIVATE, 0, time(timeoutMs() / 4)),
                -ETIMEDOUT)
            .interruptible());
    int[] read = pipe();
    waits.add(
        systemCall(
            "syscall(SYS_read)",
            byteInto(read),
            () -> Libc.syscall(0, read[0], Libc.memory(1), 1),
            1));
  }

  private static int[] pipe() {
    MemorySegment ends = Libc.memory(8);
    checkEqual(Libc.call("pipe", ends), 0, "pipe");
    return new int[] {ends.get(JAVA_INT, 0), ends.get(JAVA_INT, 4)};
  }

  private static Program.Step byteInto(int[] pipe) {
    return () -> checkEqual(Libc.call("write", pipe[1], Libc.memory(1), 1L), 1, "write");
  }

  private static MemorySegment pollSet(int[] pipe) {
    MemorySegment set = Libc.memory(8);
    set.set(JAVA_INT, 0, pipe[0]);
    set.set(JAVA_SHORT, 4, POLLIN);
    return set;
  }

  /** fd_set */
  private static MemorySegment bitSet(int fd) {
    MemorySegment set = Libc.memory(128);
    set.set(JAVA_BYTE, fd / 8, (byte) (1 << fd % 8));
    return set;
  }

  private static MemorySegment semaphore() {
    MemorySegment semaphore = Libc.memory(32);
    checkEqual(Libc.call("sem_init", semaphore, 0, 0), 0, "sem_init");
    return semaphore;
  }

  /** struct sembuf of semaphore 0 */
  private static MemorySegment semaphoreStep(int change) {
    MemorySegment step = Libc.memory(6);
    step.set(JAVA_SHORT, 2, (short) change);
    return step;
  }

  /** struct timespec */
  private static MemorySegment time(long ms) {
    MemorySegment time = Libc.memory(16);
    time.set(JAVA_LONG, 0, ms / 1_000);
    time.set(JAVA_LONG, 8, ms % 1_000 * 1_000_000);
    return time;
  }

  private static MemorySegment timeval(long ms) {
    MemorySegment time = Libc.memory(16);
    time.set(JAVA_LONG, 0, ms / 1_000);
    time.set(JAVA_LONG, 8, ms % 1_000 * 1_000);
    return time;
  }

  /** When the timeout, which begins now, is over. */
  private static MemorySegment at(int clock) {
    MemorySegment time = Libc.memory(16);
    checkEqual(Libc.call("clock_gettime", clock, time), 0, "clock_gettime");
    long nanos = time.get(JAVA_LONG, 8) + timeoutMs() * 1_000_000L;
    time.set(JAVA_LONG, 0, time.get(JAVA_LONG, 0) + nanos / 1_000_000_000);
    time.set(JAVA_LONG, 8, nanos % 1_000_000_000);
    return time;
  }

  /** The mask that threads of the JVM have: SIGQUIT. */
  private static MemorySegment threadMask() {
    return Libc.signalSet(3);
  }
}
