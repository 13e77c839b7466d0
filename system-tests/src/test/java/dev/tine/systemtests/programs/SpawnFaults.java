package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.process.Command;
import dev.tine.process.SpawnException;
import dev.tine.process.Stdio;
import dev.tine.sys.SpawnPhase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Starts programs while system calls fail. */
public final class SpawnFaults {
  /** fault.h. */
  private static final int CLOSE_RANGE = 102;

  private static final int SPAWN = 300;
  private static final int NONE = 0;
  private static final int EIO = 5;
  private static final int ENOSYS = 38;

  private static final String LIBRARY =
      Objects.requireNonNull(System.getProperty("dev.tine.library"));

  private SpawnFaults() {}

  static void main() throws IOException {
    Program.serve(
        Map.of("each phase", SpawnFaults::eachPhase, "old kernel", SpawnFaults::oldKernel));
  }

  private static void eachPhase() throws Exception {
    Command command =
        Command.of("true")
            .stdin(Stdio.STREAM)
            .stdout(Stdio.STREAM)
            .directory(Path.of("/"))
            .ownGroup()
            .nice(1)
            .dieWithParent();
    command.start().close();
    int before = descriptors();
    SpawnPhase[] phases = SpawnPhase.values();
    for (int i = 0; i < phases.length; i++) {
      SpawnPhase phase = phases[i];
      if (phase == SpawnPhase.TERMINAL || phase == SpawnPhase.CGROUP) {
        continue; // neither is asked for
      }
      Libc.fault(LIBRARY, SPAWN + i, EIO, 0);
      try {
        command.start();
        throw new AssertionError("it started although " + phase + " failed");
      } catch (SpawnException e) {
        checkEqual(e.phase().name(), phase.name(), "phase");
        checkEqual(e.errno(), EIO, "errno");
      } finally {
        Libc.fault(LIBRARY, NONE, 0, 0);
      }
      checkEqual(descriptors(), before, "descriptors after " + phase);
    }
    command.start().close();
  }

  private static void oldKernel() throws Exception {
    Command list = Command.of("ls", "/proc/self/fd").descriptor(9, Stdio.DISCARD);
    Libc.fault(LIBRARY, CLOSE_RANGE, ENOSYS, 0);
    try {
      List<String> open = list.run().stdout().lines();
      check(open.size() == 5 && open.containsAll(List.of("0", "1", "2", "9")), "open: %s", open);
    } finally {
      Libc.fault(LIBRARY, NONE, 0, 0);
    }
  }

  private static int descriptors() throws IOException {
    try (var list = Files.list(Path.of("/proc/self/fd"))) {
      return (int) list.count();
    }
  }
}
