package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.fork.Fork;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.JvmFork;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/** What processes say of themselves, and of the subprocesses of their parents. */
public final class OwnIdentity {
  /** What "exited" is, if a process says so. */
  private static final int EXIT_VALUE = 7;

  /** The kernel cuts longer names of threads. */
  private static final int SHORT_NAME = 15;

  private static final Pattern THREAD = Pattern.compile("\"(.*)\".* nid=(\\d+) .*");

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** In which process {@link #burn} works. */
  private static volatile long burning;

  private OwnIdentity() {}

  static void main() throws Exception {
    var _ = threadIds(); // loads what it takes
    Program.serve(
        Map.of(
            "pid", OwnIdentity::pid,
            "compiled pid", OwnIdentity::compiledPid,
            "relatives", OwnIdentity::relatives,
            "thread ids", OwnIdentity::compareThreadIds,
            "processor time", OwnIdentity::processorTime,
            "foreign process", OwnIdentity::foreignProcess,
            "waiting threads", OwnIdentity::waitingThreads,
            "ended process", OwnIdentity::endedProcess,
            "own process", OwnIdentity::ownProcess,
            "files to delete", OwnIdentity::filesToDelete));
  }

  /** What is left in the end, by whomever, is found by the test that started this program. */
  private static void filesToDelete() throws Exception {
    Path parents = fileToDelete("parent");
    for (int i = 0; i < 2; i++) { // the first registers a class, the second finds it there
      switch (JvmFork.fork()) {
        case Fork.Child() -> {
          var _ = fileToDelete("child");
          System.exit(0); // with hooks
        }
        case Fork.Parent(ForkedProcess child) -> Program.expectSuccess(child);
      }
      check(Files.exists(parents), "a child deleted its parent's file");
      try (Stream<Path> files = Files.list(parents.getParent())) {
        List<Path> childs = files.filter(file -> file.toString().contains("to-delete-c")).toList();
        check(childs.isEmpty(), "a child left its own: %s", childs);
      }
    }
  }

  private static Path fileToDelete(String whose) throws IOException {
    Path file = Files.createTempFile("to-delete-" + whose, "");
    file.toFile().deleteOnExit();
    return file;
  }

  /** In a child and in its child. */
  private static void inDescendants(Program.Step step) throws InterruptedException {
    Program.inChild(() -> {
      step.run();
      Program.inChild(step);
      step.run();
    });
  }

  private static void pid() throws Exception {
    ProcessHandle before = ProcessHandle.current();
    ProcessHandle parent = ProcessHandle.of(Proc.self()).orElseThrow();
    inDescendants(() -> {
      checkPid();
      checkEqual(before.pid(), Proc.self(), "a handle that was got before the fork");
      check(!parent.equals(ProcessHandle.current()), "the parent's handle is the child's");
      check(parent.isAlive(), "the parent is taken for dead");
    });
    checkPid();
  }

  private static void checkPid() {
    long self = Proc.self();
    checkEqual(ProcessHandle.current().pid(), self, "ProcessHandle");
    checkEqual(ManagementFactory.getRuntimeMXBean().getPid(), self, "RuntimeMXBean.getPid");
    String name = ManagementFactory.getRuntimeMXBean().getName();
    check(name.startsWith(self + "@"), "RuntimeMXBean.getName: %s", name);
    // Equal: pid and start time.
    checkEqual(
        ProcessHandle.current(), ProcessHandle.of(self).orElseThrow(), "the handle of its pid");
    check(ProcessHandle.current().isAlive(), "it is taken for dead");
  }

  /**
   * Compilers fold the pid of {@link ProcessHandle#current} where they see that very call, in what
   * they compile before the first fork.
   */
  private static void compiledPid() throws Exception {
    ProcessHandle handle = ProcessHandle.current();
    checkEqual(often(() -> askHandle(handle)), 100_000 * Proc.self(), "the pids of the parent");
    inDescendants(() -> {
      checkEqual(askHandle(handle), Proc.self(), "compiled ProcessHandle.pid");
    });
    checkEqual(often(OwnIdentity::askCurrent), 100_000 * Proc.self(), "its pids after a fork");
    inDescendants(() -> {
      checkEqual(askCurrent(), Proc.self(), "ProcessHandle.current().pid(), compiled");
    });
  }

  private static long often(LongSupplier question) {
    long sum = 0;
    for (int i = 0; i < 100_000; i++) {
      sum += question.getAsLong();
    }
    return sum;
  }

  private static long askCurrent() {
    return ProcessHandle.current().pid();
  }

  private static long askHandle(ProcessHandle handle) {
    return handle.pid();
  }

  private static void relatives() throws Exception {
    long grandparent = Proc.self();
    Instant begin = startOfSelf();
    Program.inChild(() -> {
      checkEqual(ProcessHandle.current().parent().orElseThrow().pid(), grandparent, "the parent");
      check(!startOfSelf().isBefore(begin), "the child began before its parent");
      Process own = sleep();
      try {
        checkEqual(
            ProcessHandle.current().children().map(ProcessHandle::pid).toList(),
            List.of(own.pid()),
            "the children");
        checkEqual(own.toHandle().parent().orElseThrow(), ProcessHandle.current(), "their parent");
      } finally {
        end(own);
      }
    });
  }

  private static Instant startOfSelf() {
    return ProcessHandle.current().info().startInstant().orElseThrow();
  }

  private static void compareThreadIds() throws Exception {
    checkThreadIds();
    inDescendants(OwnIdentity::checkThreadIds);
  }

  /** HotSpot prints what it remembers; the kernel knows better. */
  private static void checkThreadIds() throws Exception {
    Map<Long, String> remembered = threadIds();
    check(remembered.containsValue("VM Thread"), "only these threads: %s", remembered);
    check(remembered.containsValue("main"), "only these threads: %s", remembered);
    Path tasks = Path.of("/proc/self/task");
    for (var thread : remembered.entrySet()) {
      Path name = tasks.resolve(thread.getKey() + "/comm");
      check(Files.exists(name), "no thread %d \"%s\"", thread.getKey(), thread.getValue());
      if (thread.getValue().length() <= SHORT_NAME && !thread.getValue().equals("main")) {
        // Each takes its name itself as soon as it runs, and this thread goes on first.
        Program.await(
            "thread %d to be called \"%s\"".formatted(thread.getKey(), thread.getValue()),
            () -> read(name).equals(thread.getValue()));
      }
    }
  }

  private static String read(Path name) {
    try {
      return Files.readString(name).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The threads of HotSpot and of Java, by the ids that it has remembered. */
  private static Map<Long, String> threadIds() throws JMException {
    Map<Long, String> ids = new TreeMap<>();
    String print =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "threadPrint",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    THREAD
        .matcher(print)
        .results()
        .forEach(thread -> {
          String other = ids.put(Long.valueOf(thread.group(2)), thread.group(1));
          check(other == null, "two threads have the id %s: %s", thread.group(2), print);
        });
    return ids;
  }

  private static void processorTime() throws Exception {
    Thread thread = Thread.ofPlatform().daemon().name("burner").start(OwnIdentity::burn);
    long millisecond = TimeUnit.MILLISECONDS.toNanos(1);
    try {
      Program.inChild(() -> {
        burning = Proc.self();
        Program.await(
            "processor time",
            () -> THREADS.getThreadCpuTime(thread.threadId()) > 300 * millisecond);
        // User time is read by the thread's id.
        long user = THREADS.getThreadUserTime(thread.threadId());
        check(user > 100 * millisecond, "only %d ms of user time", user / millisecond);
        burning = -1;
      });
      long user = THREADS.getThreadUserTime(thread.threadId());
      check(user < 100 * millisecond, "%d ms of user time in the parent", user / millisecond);
    } finally {
      burning = -1;
      thread.join();
    }
  }

  private static void burn() {
    while (burning == 0) {
      LockSupport.parkNanos(1_000_000);
    }
    while (burning == Proc.self()) {
      for (int i = 0; i < 1_000_000; i++) {
        Thread.onSpinWait();
      }
    }
    burning = 0;
  }

  private static void foreignProcess() throws Exception {
    long parent = Proc.self();
    Process process = sleep();
    CompletableFuture<Process> exit = process.onExit();
    CompletableFuture<ProcessHandle> handleExit = process.toHandle().onExit();
    Path ready = Path.of("ready");
    try {
      inDescendants(() -> {
        expectForeign(process, parent, process::waitFor);
        expectForeign(process, parent, () -> process.waitFor(1, TimeUnit.DAYS));
        expectForeign(process, parent, process::exitValue);
        expectForeign(process, parent, process::isAlive);
        expectForeign(
            process,
            parent,
            () -> {
              process.destroy();
              return "destroyed";
            });
        expectForeign(process, parent, process::destroyForcibly);
        checkEqual(process.getInputStream().read(), -1, "its output");
        // A handle is good for any process.
        check(process.toHandle().isAlive(), "the handle says that it has ended");
        check(!handleExit.isDone(), "the handle's future says that it has ended");
      });
      check(process.isAlive(), "the parent's process was ended");
      Program.inChild(() -> expectForeign(process, parent, exit::join));
      ForkedProcess child =
          Program.fork(() -> {
            Files.createFile(ready);
            handleExit.join();
            expectForeign(process, parent, () -> process.onExit().join());
          });
      Program.await("the child", () -> Files.exists(ready));
      end(process);
      Program.expectSuccess(child);
      Files.delete(ready);
      checkEqual(exit.join().exitValue(), 128 + 9, "the exit value in the parent");
    } finally {
      end(process);
    }
  }

  private static void expectForeign(Process process, long parent, Callable<?> call) {
    Throwable failure;
    try {
      throw new AssertionError("no exception, but " + call.call());
    } catch (CompletionException e) {
      failure = e.getCause();
    } catch (Throwable e) {
      failure = e;
    }
    checkEqual(
        String.valueOf(failure),
        "java.lang.IllegalStateException: process %d is a child of process %d, not of this one (%d): it can be neither waited for nor ended here"
            .formatted(process.pid(), parent, Proc.self()),
        "the failure");
  }

  private static void waitingThreads() throws Exception {
    long parent = Proc.self();
    Process process = sleep();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    List<Program.Step> waits =
        List.of(process::waitFor, process::waitFor, () -> process.waitFor(1, TimeUnit.DAYS));
    CountDownLatch waited = new CountDownLatch(waits.size());
    List<Thread> threads =
        waits.stream()
            .map(wait ->
                Thread.ofPlatform()
                    .start(() -> {
                      try {
                        wait.run();
                        check(Proc.self() == parent, "waited for the process of another");
                      } catch (IllegalStateException e) {
                        check(Proc.self() != parent, "%s", e);
                        waited.countDown();
                      } catch (Throwable e) {
                        failure.set(e);
                      }
                    }))
            .toList();
    try {
      Program.await(
          "waiting threads",
          () ->
              threads.stream()
                  .allMatch(thread ->
                      thread.getState() == Thread.State.WAITING
                          || thread.getState() == Thread.State.TIMED_WAITING));
      Program.inChild(() -> {
        check(
            waited.await(Program.LIMIT.toSeconds(), TimeUnit.SECONDS),
            "%d still wait",
            waited.getCount());
        check(failure.get() == null, "%s", failure.get());
      });
      check(threads.stream().allMatch(Thread::isAlive), "a thread of the parent was woken");
    } finally {
      end(process);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    check(failure.get() == null, "%s", failure.get());
  }

  private static void endedProcess() throws Exception {
    Process process = new ProcessBuilder("sh", "-c", "exit " + EXIT_VALUE).start();
    process.waitFor();
    inDescendants(() -> {
      checkEqual(process.waitFor(), EXIT_VALUE, "waitFor");
      checkEqual(process.exitValue(), EXIT_VALUE, "exitValue");
      check(!process.isAlive(), "it lives");
      checkEqual(process.onExit().get(), process, "onExit");
    });
  }

  /** Also while there is one of the parent's. */
  private static void ownProcess() throws Exception {
    Process parents = sleep();
    try {
      inDescendants(() -> {
        Process process = new ProcessBuilder("sh", "-c", "exit " + EXIT_VALUE).start();
        checkEqual(process.waitFor(), EXIT_VALUE, "waitFor");
        Process ended = sleep();
        end(ended);
        checkEqual(ended.exitValue(), 128 + 9, "the exit value of one that was killed");
      });
    } finally {
      end(parents);
    }
  }

  private static Process sleep() throws IOException {
    return new ProcessBuilder("sleep", "600").start();
  }

  private static void end(Process process) throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }
}
