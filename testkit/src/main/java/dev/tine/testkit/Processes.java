package dev.tine.testkit;

import dev.tine.fork.audit.Area;
import dev.tine.fork.audit.Audit;
import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.sys.Kcmp;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Compares what two processes have open and mapped, from outside. */
final class Processes {
  /** What is shared on purpose, or by all processes of the machine. */
  private static final Set<Kind> HARMLESS =
      EnumSet.of(
          Kind.TCP_LISTENER,
          Kind.UNIX_LISTENER,
          Kind.SOCKET,
          Kind.HUNG_UP_SOCKET,
          Kind.DEVICE,
          Kind.TERMINAL,
          Kind.PIDFD,
          Kind.PATH,
          Kind.RECORD_LOCK);

  private static final Set<Kind> WRITTEN = EnumSet.of(Kind.FILE_WRITABLE, Kind.MEMORY_FILE);

  private static final int STDERR = 2;

  private Processes() {}

  /**
   * What two processes have in common.
   *
   * @param first an audit of the one
   * @param second an audit of the other
   * @param names of both, for people
   */
  static Set<Shared> compare(Audit first, Audit second, String names) {
    Set<Shared> shared = new LinkedHashSet<>();
    Map<String, List<Finding>> others =
        second.findings(Area.DESCRIPTORS).stream()
            .filter(Processes::counts)
            .collect(Collectors.groupingBy(Processes::what));
    for (Finding mine : first.findings(Area.DESCRIPTORS)) {
      if (!counts(mine)) {
        continue;
      }
      List<Finding> alike = others.getOrDefault(what(mine), List.of());
      if (alike.stream().anyMatch(other -> isSame(first.pid(), mine, second.pid(), other))) {
        if (!isStandard(first.pid(), mine)) {
          shared.add(new Shared.Description(fd(mine), what(mine), names));
        }
      } else if (WRITTEN.contains(mine.kind()) && !alike.isEmpty()) {
        shared.add(new Shared.WrittenFile(mine.target(), names));
      }
    }
    for (Finding mine : first.findings(Area.MAPPINGS)) {
      boolean isShared =
          mine.kind() == Kind.SHARED_WRITABLE
              && second.findings(Area.MAPPINGS).stream().anyMatch(other -> isSame(mine, other));
      if (isShared) {
        shared.add(new Shared.Mapping(mine.target(), names));
      }
    }
    return shared;
  }

  private static boolean counts(Finding finding) {
    return fd(finding) > STDERR && !HARMLESS.contains(finding.kind());
  }

  /** The same description? Numbers may differ. */
  private static boolean isSame(long firstPid, Finding first, long secondPid, Finding second) {
    return Kcmp.isSameFile(firstPid, fd(first), secondPid, fd(second));
  }

  /** A duplicate of standard input, output or error. */
  private static boolean isStandard(long pid, Finding finding) {
    for (int standard = 0; standard <= STDERR; standard++) {
      if (Kcmp.isSameFile(pid, fd(finding), pid, standard)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The same memory? Memory without a file has the same name everywhere: it is the same if it was
   * inherited, and then at the same address.
   */
  private static boolean isSame(Finding first, Finding second) {
    boolean hasName = first.target().startsWith("/") && !first.target().endsWith(" (deleted)");
    return second.kind() == Kind.SHARED_WRITABLE
        && first.target().equals(second.target())
        && (hasName || first.subject().equals(second.subject()));
  }

  private static String what(Finding finding) {
    return finding.kind().label() + " " + finding.target();
  }

  private static int fd(Finding finding) {
    return finding.subject() instanceof Subject.Descriptor(int fd) ? fd : -1;
  }
}
