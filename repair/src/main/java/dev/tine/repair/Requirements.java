package dev.tine.repair;

import java.util.List;
import java.util.Optional;

/**
 * What a JVM needs to be forked: for each thing the reason why it cannot be, with the remedy, or
 * empty.
 */
public final class Requirements {
  private static final int ENOENT = 2;
  private static final int ESRCH = 3;

  private Requirements() {}

  /** What is mapped. */
  public static Optional<String> mappings(List<String> lines) {
    for (String line : lines) {
      if (line.contains("/ld-musl-")) {
        return Optional.of(
            "this JVM runs on musl, whose threads cannot be re-created; use a JDK and an image with"
                + " glibc");
      }
      if (line.contains("memfd:java_heap") && line.contains("rw-s")) {
        return Optional.of(
            "ZGC keeps its heap in memory that a child would share and not copy; use another"
                + " collector, for example -XX:+UseG1GC");
      }
      if (line.endsWith("/libjdwp.so")) { // loaded at the start of a JVM or never
        return Optional.of(
            "it is started for a debugger, whose one connection parent and child cannot both use;"
                + " start it without -agentlib:jdwp");
      }
      if (line.contains("/anon_hugepage") || line.contains("/SYSV")) {
        return Optional.of(
            "the heap is in explicit huge pages, which cannot be copied on demand: a process that"
                + " finds none free is killed. Use -XX:+UseTransparentHugePages in place of"
                + " -XX:+UseLargePages");
      }
    }
    return Optional.empty();
  }

  /**
   * What the kernel, the libc and the process can do: for each ability 0, or the error number that
   * says it is missing.
   *
   * @param tidAddress {@code prctl(PR_GET_TID_ADDRESS)}
   * @param pidfd {@code pidfd_open} and {@code waitid(P_PIDFD)}
   * @param leader ESRCH: the primordial thread has exited
   * @param loaderLocks ENOENT: this glibc's loader is not known
   */
  public static Optional<String> probe(int tidAddress, int pidfd, int leader, int loaderLocks) {
    if (leader == ESRCH) {
      return Optional.of(leaderGone());
    }
    if (pidfd != 0) {
      return Optional.of(
          "the kernel has no pidfd_open and waitid(P_PIDFD) ("
              + Kernel.errorText(pidfd)
              + "); Linux 5.4 or newer is needed, and a seccomp filter must allow them");
    }
    if (tidAddress != 0) {
      return Optional.of(
          "the kernel has no prctl(PR_GET_TID_ADDRESS) ("
              + Kernel.errorText(tidAddress)
              + "); it is built without CONFIG_CHECKPOINT_RESTORE, which every large distribution"
              + " sets");
    }
    if (loaderLocks != 0) {
      return Optional.of(
          "the locks of the dynamic loader were not found: this libc is not a glibc that Tine knows"
              + " (2.31 or newer)");
    }
    return Optional.empty();
  }

  /** What {@link Identity#find} returned. */
  public static Optional<String> identity(int result) {
    if (result == 0) {
      return Optional.empty();
    }
    return Optional.of(
        result == -ENOENT
            ? "where it keeps the name of its hsperfdata file is not known: the exit of a child"
                + " would delete the file. Start with -XX:-UsePerfData"
            : "where it keeps the ids of its threads is not known; use a JDK with HotSpot, such as"
                + " every build of OpenJDK");
  }

  /** The primordial thread has exited. */
  public static String leaderGone() {
    return "the primordial thread of the process has exited, and the child would begin as a zombie."
        + " Do not call pthread_exit in main(); the java launcher never does";
  }
}
