package dev.tine.fork.internal;

import dev.tine.fork.ForkException;
import dev.tine.fork.ForkOptions;
import dev.tine.fork.Refusal;
import dev.tine.sys.Errno;
import dev.tine.sys.Identity;
import dev.tine.sys.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a JVM needs to be forked at all. None of it changes while a process lives, so it is checked
 * once.
 */
final class Support {
  private static volatile boolean checked;

  private Support() {}

  /** Throws {@link ForkException} with the first thing that is missing, and the remedy. */
  static void checkOnce() {
    if (checked) {
      return;
    }
    refuse(platform(System.getProperty("os.name", ""), System.getProperty("os.arch", "")));
    List<String> mappings;
    try {
      mappings = Files.readAllLines(Path.of("/proc/self/maps"));
    } catch (IOException e) {
      throw refused("/proc cannot be read (" + e.getMessage() + "); mount it");
    }
    // Before the library is loaded: it does not load on musl.
    refuse(mappings(mappings));
    refuse(probe(Probe.take()));
    refuse(identity(Identity.find()));
    Repairs.prepare();
    checked = true;
  }

  /** As {@link #checkOnce}, for what may change while a process lives. */
  static void checkNow(ForkOptions options) {
    if (!options.allows(Refusal.FLIGHT_RECORDER)) {
      refuse(Recordings.reason());
    }
  }

  static Optional<String> platform(String os, String architecture) {
    if (!os.equals("Linux")) {
      return Optional.of(
          "this is " + os + ", and only Linux can clone a process in the way that is needed");
    }
    if (!architecture.equals("amd64") && !architecture.equals("x86_64")) {
      return Optional.of("the processor is " + architecture + ", and only x86_64 is supported");
    }
    return Optional.empty();
  }

  static Optional<String> mappings(List<String> lines) {
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

  static Optional<String> probe(Probe probe) {
    if (probe.leader() == Errno.ESRCH) {
      return Optional.of(leaderGone());
    }
    if (probe.pidfd() != 0) {
      return Optional.of(
          "the kernel has no pidfd_open and waitid(P_PIDFD) ("
              + Errno.text(probe.pidfd())
              + "); Linux 5.4 or newer is needed, and a seccomp filter must allow them");
    }
    if (probe.tidAddress() != 0) {
      return Optional.of(
          "the kernel has no prctl(PR_GET_TID_ADDRESS) ("
              + Errno.text(probe.tidAddress())
              + "); it is built without CONFIG_CHECKPOINT_RESTORE, which every large distribution"
              + " sets");
    }
    if (probe.loaderLocks() != 0) {
      return Optional.of(
          "the locks of the dynamic loader were not found: this libc is not a glibc that Tine knows"
              + " (2.31 or newer)");
    }
    return Optional.empty();
  }

  static Optional<String> identity(int result) {
    return switch (-result) {
      case 0 -> Optional.empty();
      case Errno.ENOENT ->
          Optional.of(
              "where it keeps the name of its hsperfdata file is not known: the exit of a child"
                  + " would delete the file. Start with -XX:-UsePerfData");
      default ->
          Optional.of(
              "where it keeps the ids of its threads is not known; use a JDK with HotSpot, such as"
                  + " every build of OpenJDK");
    };
  }

  static String leaderGone() {
    return "the primordial thread of the process has exited, and the child would begin as a zombie."
        + " Do not call pthread_exit in main(); the java launcher never does";
  }

  private static void refuse(Optional<String> reason) {
    if (reason.isPresent()) {
      throw refused(reason.get());
    }
  }

  static ForkException refused(String reason) {
    return new ForkException(
        ForkException.Stage.SUPPORT, 0, "this JVM cannot be forked: " + reason);
  }
}
