package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.fork.Fork;
import dev.tine.fork.ForkException;
import dev.tine.fork.ForkOptions;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.JvmFork;
import dev.tine.fork.Refusal;
import dev.tine.fork.mold.Frozen;
import dev.tine.fork.mold.Mold;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** Has what a child would share with it, is refused by name, and is forked if it insists. */
public final class SharedKinds {
  private static final int SYS_IO_URING_SETUP = 425;
  private static final int SYS_PERF_EVENT_OPEN = 298;
  private static final int SYS_USERFAULTFD = 323;
  private static final int SYS_FANOTIFY_INIT = 300;
  private static final int UFFD_USER_MODE_ONLY = 1;
  private static final int PERF_ATTRIBUTE_SIZE = 128;
  private static final int MAPPED = 64 * 1024;

  private SharedKinds() {}

  static void main() throws Exception {
    SelfCheck.prepare();
    fork(ForkOptions.defaults()); // the first one opens what others use
    Program.serve(
        Map.ofEntries(
            Map.entry(
                "io_uring",
                () ->
                    descriptor(
                        Refusal.IO_URING, Libc.syscall(SYS_IO_URING_SETUP, 4, Libc.memory(256)))),
            Map.entry("perf_event", () -> descriptor(Refusal.PERF_EVENT, performanceCounter())),
            Map.entry(
                "userfaultfd",
                () ->
                    descriptor(
                        Refusal.USERFAULTFD, Libc.syscall(SYS_USERFAULTFD, UFFD_USER_MODE_ONLY))),
            Map.entry(
                "fanotify",
                () -> descriptor(Refusal.FANOTIFY, Libc.syscall(SYS_FANOTIFY_INIT, 0, 0))),
            Map.entry("mapping of a file", SharedKinds::mappingOfAFile),
            Map.entry("mapping without a name", SharedKinds::mappingWithoutName),
            Map.entry("harmless mappings", SharedKinds::harmlessMappings)));
  }

  /** PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK of this thread. */
  private static int performanceCounter() {
    MemorySegment attribute = Libc.memory(PERF_ATTRIBUTE_SIZE);
    attribute.set(ValueLayout.JAVA_INT, 0, 1);
    attribute.set(ValueLayout.JAVA_INT, 4, PERF_ATTRIBUTE_SIZE);
    attribute.set(ValueLayout.JAVA_LONG, 8, 1);
    return Libc.syscall(SYS_PERF_EVENT_OPEN, attribute, 0, -1, -1, 0);
  }

  private static void descriptor(Refusal refusal, int fd) throws Exception {
    if (fd < 0) {
      Program.say("not here: errno " + -fd);
      return;
    }
    try {
      tellRefusal();
      fork(ForkOptions.defaults().allow(refusal));
      fork(ForkOptions.defaults().keep(d -> d.number() == fd));
    } finally {
      Fd.close(fd);
    }
    fork(ForkOptions.defaults());
  }

  private static void mappingOfAFile() throws Exception {
    Path file = Files.createTempFile("shared-", ".bin");
    Path other = Files.createTempFile("other-", ".bin");
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = map(file, FileChannel.MapMode.READ_WRITE, arena);
      tellRefusal();
      ForkOptions allowed = ForkOptions.defaults().allowMapping(file.toString()::equals);
      fork(allowed);
      fork(ForkOptions.defaults().allow(Refusal.SHARED_MAPPING));
      switch (Mold.freeze("tine-test: mold", allowed)) {
        case Frozen.Monitor(Mold mold) -> {
          try (mold) {
            Program.expectSuccess(mold.forkWorker(1, "tine-test: worker"));
          }
        }
        case Frozen.Worker _ -> {
          memory.set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
          Libc.syscall(Libc.SYS_EXIT_GROUP, 0);
        }
      }
      checkEqual((int) memory.get(ValueLayout.JAVA_BYTE, 0), 7, "what the worker has written");
      map(other, FileChannel.MapMode.READ_WRITE, arena);
      expectRefusal(allowed, other.toString());
    }
    fork(ForkOptions.defaults());
    Files.delete(file);
    Files.delete(other);
  }

  private static void mappingWithoutName() throws Exception {
    MemorySegment memory = Libc.pointer("mmap", MemorySegment.NULL, (long) MAPPED, 3, 0x21, -1, 0L);
    tellRefusal();
    fork(ForkOptions.defaults().allowMapping("/dev/zero (deleted)"::equals));
    checkEqual(Libc.call("munmap", memory, (long) MAPPED), 0, "munmap");
    fork(ForkOptions.defaults());
  }

  private static void harmlessMappings() throws Exception {
    Path file = Files.createTempFile("harmless-", ".bin");
    Files.write(file, new byte[MAPPED]);
    try (Arena arena = Arena.ofShared()) {
      map(file, FileChannel.MapMode.READ_ONLY, arena);
      map(file, FileChannel.MapMode.PRIVATE, arena);
      fork(ForkOptions.defaults());
    }
    Files.delete(file);
  }

  private static MemorySegment map(Path file, FileChannel.MapMode mode, Arena arena)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(mode, 0, MAPPED, arena);
    }
  }

  private static void tellRefusal() {
    Map<Integer, String> descriptors = Proc.descriptors(Proc.self());
    int threads = Proc.threadNames(Proc.self()).size();
    ForkException refusal = refusal(ForkOptions.defaults());
    Program.say("refused " + refusal.stage() + " " + refusal.errno() + " " + refusal.getMessage());
    checkEqual(Proc.descriptors(Proc.self()), descriptors, "descriptors");
    Program.check(Proc.threadNames(Proc.self()).size() <= threads + 1, "threads");
    SelfCheck.remember();
  }

  private static void expectRefusal(ForkOptions options, String text) {
    String message = String.valueOf(refusal(options).getMessage());
    Program.check(message.contains(text), "%s", message);
  }

  private static ForkException refusal(ForkOptions options) {
    try {
      var _ = JvmFork.fork(options);
    } catch (ForkException e) {
      return e;
    }
    throw new AssertionError("it was forked");
  }

  private static void fork(ForkOptions options) throws Exception {
    switch (JvmFork.fork(options)) {
      case Fork.Parent(ForkedProcess child) -> Program.expectSuccess(child);
      case Fork.Child() -> Libc.syscall(Libc.SYS_EXIT_GROUP, 0);
    }
  }
}
