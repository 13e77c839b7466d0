package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.fork.ForkException;
import dev.tine.fork.JvmFork;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;

/** Makes itself impossible to fork, is refused, and goes on. */
public final class Refused {
  private static final int RLIMIT_NPROC = 6;
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;
  private static final int FIRST_SIGNAL = 35;
  private static final int LAST_SIGNAL = 64;

  private static final BlockingQueue<Program.Step> ERRANDS = new LinkedBlockingQueue<>();

  private static MemorySegment halves = MemorySegment.NULL;
  private static long half;

  private Refused() {}

  static void main() throws IOException {
    SelfCheck.prepare();
    Thread.ofPlatform().daemon().name("errand-boy").start(Refused::runErrands);
    Program.serve(
        Map.ofEntries(
            Map.entry("is refused", Refused::isRefused),
            Map.entry("forks", () -> Program.inChild(() -> SelfCheck.run(true))),
            Map.entry("take all signals", () -> handle(1, FIRST_SIGNAL, LAST_SIGNAL)),
            Map.entry("free a signal", () -> handle(0, 50, 50)),
            Map.entry("take signal 40", () -> handle(1, 40, 40)),
            Map.entry("block signals", () -> errand(() -> Libc.mask(true, signals()))),
            Map.entry("unblock signals", () -> errand(() -> Libc.mask(false, signals()))),
            Map.entry("map huge pages", () -> map("anon_hugepage (deleted)")),
            Map.entry("map more than there is", Refused::mapMoreThanThereIs),
            Map.entry("unmap it", Refused::unmapIt),
            Map.entry("map musl", () -> map("ld-musl-x86_64.so.1")),
            Map.entry("limit threads of the child", () -> limitProcesses(5)),
            Map.entry("limit processes", () -> limitProcesses(0)),
            Map.entry("lift the limit", () -> limitProcesses(10_000))));
  }

  /** The refusal is printed; afterwards everything is as before. */
  private static void isRefused() throws Exception {
    ForkException refusal = refusal();
    Program.say("refused " + refusal.stage() + " " + refusal.errno() + " " + refusal.getMessage());
    Map<Integer, String> descriptors = Proc.descriptors(Proc.self());
    checkEqual(
        String.valueOf(refusal().getMessage()),
        String.valueOf(refusal.getMessage()),
        "second refusal");
    checkEqual(Proc.descriptors(Proc.self()), descriptors, "descriptors");
    SelfCheck.remember();
  }

  private static ForkException refusal() {
    try {
      var _ = JvmFork.fork();
    } catch (ForkException e) {
      return e;
    }
    throw new AssertionError("it was forked");
  }

  private static int[] signals() {
    return IntStream.rangeClosed(FIRST_SIGNAL, LAST_SIGNAL).toArray();
  }

  /** 0: SIG_DFL, 1: SIG_IGN. */
  private static void handle(long handler, int from, int to) {
    for (int signal = from; signal <= to; signal++) {
      // signal() returns a pointer; its lower half is compared with SIG_ERR, -1.
      check(Libc.call("signal", signal, handler) >= 0, "signal %d", signal);
    }
  }

  private static void map(String name) throws IOException {
    Path file = Path.of(Objects.requireNonNull(System.getProperty("java.io.tmpdir")), name);
    Files.write(file, new byte[4096]);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      var _ = channel.map(FileChannel.MapMode.READ_ONLY, 0, 4096, java.lang.foreign.Arena.global());
    }
    Files.delete(file);
  }

  /**
   * The kernel refuses a single mapping of more than memory and swap, and so the copy of one; but
   * two that lie side by side become one.
   */
  private static void mapMoreThanThereIs() throws IOException {
    long total =
        Files.readAllLines(Path.of("/proc/meminfo")).stream()
            .filter(line -> line.startsWith("MemTotal:") || line.startsWith("SwapTotal:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
            .sum();
    half = total / 8 * 5 & -(1L << 21);
    MemorySegment place =
        mmap(MemorySegment.NULL, 2 * half, 0, MAP_NORESERVE); // 0: reserves nothing
    checkEqual(Libc.call("munmap", place, 2 * half), 0, "munmap");
    for (int i = 0; i < 2; i++) {
      MemorySegment wanted = MemorySegment.ofAddress(place.address() + i * half);
      checkEqual(mmap(wanted, half, PROT_READ | PROT_WRITE, 0), wanted, "place");
    }
    halves = place;
  }

  private static void unmapIt() {
    checkEqual(Libc.call("munmap", halves, 2 * half), 0, "munmap");
  }

  private static MemorySegment mmap(MemorySegment place, long size, int access, int flags) {
    return Libc.pointer("mmap", place, size, access, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0L);
  }

  /** Allows {@code more} tasks than the user has now. */
  private static void limitProcesses(int more) {
    int tasks = Proc.threadNames(Proc.self()).size();
    MemorySegment limit = Libc.memory(16);
    checkEqual(Libc.call("getrlimit", RLIMIT_NPROC, limit), 0, "getrlimit");
    limit.set(
        ValueLayout.JAVA_LONG, 0, Math.min(tasks + more, limit.get(ValueLayout.JAVA_LONG, 8)));
    checkEqual(Libc.call("setrlimit", RLIMIT_NPROC, limit), 0, "setrlimit");
  }

  private static void errand(Program.Step step) throws InterruptedException {
    var done = new LinkedBlockingQueue<List<String>>();
    ERRANDS.add(() -> {
      step.run();
      done.add(List.of());
    });
    var _ = done.take();
  }

  private static void runErrands() {
    Program.say("errand-boy " + Libc.gettid());
    while (true) {
      try {
        ERRANDS.take().run();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }
}
