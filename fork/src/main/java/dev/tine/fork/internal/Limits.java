package dev.tine.fork.internal;

import dev.tine.sys.Errno;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The limits that make clone(2) fail, with their present values, for messages. */
final class Limits {
  private Limits() {}

  /** " (limits: …)" for an error that a limit causes, else "". */
  static String hint(int errno) {
    List<String> limits = new ArrayList<>();
    if (errno == Errno.ENOMEM) {
      read("/proc/sys/vm/overcommit_memory")
          .ifPresent(v ->
              limits.add(
                  "vm.overcommit_memory="
                      + v
                      + (v.equals("2") ? " refuses what might not fit" : "")));
      cgroup("memory", "memory.max")
          .or(() -> cgroup("memory", "memory.limit_in_bytes"))
          .ifPresent(v -> limits.add("memory.max=" + v));
    } else if (errno == Errno.EAGAIN) {
      cgroup("pids", "pids.max").ifPresent(v -> limits.add("pids.max=" + v));
      cgroup("pids", "pids.current").ifPresent(v -> limits.add("pids.current=" + v));
      processLimit().ifPresent(v -> limits.add("RLIMIT_NPROC=" + v));
      read("/proc/sys/kernel/threads-max").ifPresent(v -> limits.add("kernel.threads-max=" + v));
      read("/proc/sys/kernel/pid_max").ifPresent(v -> limits.add("kernel.pid_max=" + v));
    }
    return limits.isEmpty() ? "" : " (limits: " + String.join(", ", limits) + ")";
  }

  /** "Max processes 96365 96365 processes". */
  private static Optional<String> processLimit() {
    return read("/proc/self/limits")
        .flatMap(text -> text.lines().filter(l -> l.startsWith("Max processes")).findFirst())
        .map(line -> line.substring("Max processes".length()).strip().split("\\s+", 2)[0]);
  }

  /**
   * A file of this process's cgroup, version 2, or version 1 with the controller mounted where
   * everybody does.
   */
  private static Optional<String> cgroup(String controller, String file) {
    return read("/proc/self/cgroup")
        .flatMap(groups ->
            directory(groups, "")
                .flatMap(path -> read("/sys/fs/cgroup" + path + "/" + file))
                .or(() ->
                    directory(groups, controller)
                        .flatMap(
                            path -> read("/sys/fs/cgroup/" + controller + path + "/" + file))));
  }

  /**
   * Where a controller has put the process, from lines "8:pids:/path"; version 2 has one line for
   * all, "0::/path".
   */
  static Optional<String> directory(String groups, String controller) {
    return groups
        .lines()
        .map(line -> line.split(":", 3))
        .filter(fields -> fields.length == 3 && List.of(fields[1].split(",")).contains(controller))
        .map(fields -> fields[2])
        .findFirst();
  }

  private static Optional<String> read(String path) {
    // In one read: files of /proc/sys are at their end wherever a second read begins.
    try (InputStream file = Files.newInputStream(Path.of(path))) {
      return Optional.of(new String(file.readNBytes(4096), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      return Optional.empty(); // a limit that is not there does not limit
    }
  }
}
