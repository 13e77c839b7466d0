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

/** The limits that make a fork fail, with their present values, for messages. */
final class Limits {
  private Limits() {}

  /** " (limits: …)" for an error that a limit causes, else "". */
  static String hint(int errno) {
    List<String> limits = new ArrayList<>();
    switch (errno) {
      case Errno.ENOMEM -> {
        read("/proc/sys/vm/overcommit_memory")
            .ifPresent(v ->
                limits.add(
                    "vm.overcommit_memory="
                        + v
                        + (v.equals("2") ? " refuses what might not fit" : "")));
        cgroup("memory", "memory.max")
            .or(() -> cgroup("memory", "memory.limit_in_bytes"))
            .ifPresent(v -> limits.add("memory.max=" + v));
      }
      case Errno.EAGAIN -> {
        cgroup("pids", "pids.max").ifPresent(v -> limits.add("pids.max=" + v));
        cgroup("pids", "pids.current").ifPresent(v -> limits.add("pids.current=" + v));
        processLimit("Max processes").ifPresent(v -> limits.add("RLIMIT_NPROC=" + v));
        sysctl(limits, "kernel.threads-max");
        sysctl(limits, "kernel.pid_max");
      }
      case Errno.EMFILE, Errno.EBADF -> { // no number is free, or one is beyond the limit
        processLimit("Max open files").ifPresent(v -> limits.add("RLIMIT_NOFILE=" + v));
        sysctl(limits, "user.max_inotify_instances");
        sysctl(limits, "fs.inotify.max_user_instances");
      }
      case Errno.ENFILE -> sysctl(limits, "fs.file-max");
      case Errno.ENOSPC -> {
        sysctl(limits, "fs.epoll.max_user_watches");
        sysctl(limits, "fs.inotify.max_user_watches");
      }
      default -> {}
    }
    return limits.isEmpty() ? "" : " (limits: " + String.join(", ", limits) + ")";
  }

  /** "Max processes 96365 96365 processes". */
  private static Optional<String> processLimit(String name) {
    return read("/proc/self/limits")
        .flatMap(text -> text.lines().filter(l -> l.startsWith(name)).findFirst())
        .map(line -> line.substring(name.length()).strip().split("\\s+", 2)[0]);
  }

  private static void sysctl(List<String> limits, String name) {
    read("/proc/sys/" + name.replace('.', '/')).ifPresent(v -> limits.add(name + "=" + v));
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
