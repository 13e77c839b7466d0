package dev.tine.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** What this process has of everything that subprocesses take. */
final class Footprint {
  private Footprint() {}

  static int descriptors() throws IOException {
    try (var list = Files.list(Path.of("/proc/self/fd"))) {
      return (int) list.count();
    }
  }

  static Set<Long> threads() throws IOException {
    try (var list = Files.list(Path.of("/proc/self/task"))) {
      return list.map(p -> Long.valueOf(p.getFileName().toString())).collect(Collectors.toSet());
    }
  }

  /** Used heap; what nobody needs does not count. */
  static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
