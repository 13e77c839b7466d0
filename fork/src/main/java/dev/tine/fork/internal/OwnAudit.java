package dev.tine.fork.internal;

import static java.util.stream.Collectors.toUnmodifiableSet;

import dev.tine.fork.ForkException;
import dev.tine.fork.ForkOptions;
import dev.tine.fork.audit.Audit;
import dev.tine.fork.audit.AuditException;
import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import dev.tine.fork.internal.audit.Auditing;
import dev.tine.sys.ForkCall;
import dev.tine.sys.Kcmp;
import dev.tine.sys.Pidfd;
import dev.tine.sys.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The audit of this process, which knows more of itself than {@code /proc} shows to others. */
public final class OwnAudit {
  private OwnAudit() {}

  /** Takes it, for a fork with these options. */
  public static Audit take(ForkOptions options) {
    while (true) {
      long pid = pid();
      try {
        Audit audit = take(pid, options);
        if (pid() == pid) {
          return audit;
        }
      } catch (AuditException e) {
        if (pid() == pid) {
          throw e;
        }
      }
      // Another thread forked meanwhile, and this is the child: what was looked at is its parent.
    }
  }

  private static Audit take(long pid, ForkOptions options) {
    List<Finding> own = new ArrayList<>();
    Audit audit = Auditing.ofSelf(pid, signal(own));
    Optional<String> missing = platform(audit);
    missing.map(reason -> refused(Kind.PLATFORM, reason)).ifPresent(own::add);
    // Without the library, descriptors cannot be listed, and nothing is forked anyway.
    UnaryOperator<Finding> granted =
        missing.isPresent() ? UnaryOperator.identity() : granted(options)::apply;
    own.addAll(0, audit.findings().stream().map(granted).toList());
    own.sort(Comparator.comparing(finding -> finding.kind().area()));
    return new Audit(audit.pid(), audit.command(), own);
  }

  private static Granted granted(ForkOptions options) {
    Set<Integer> kept =
        Exempt.of(options).kept().stream().map(ForkCall.OpenFile::fd).collect(toUnmodifiableSet());
    int self = Pidfd.self();
    // All numbers of one description stay shared if one of them does.
    return new Granted(
        options,
        fd ->
            kept.contains(fd)
                || kept.stream().anyMatch(other -> Kcmp.isSameFile(self, fd, self, other)));
  }

  /** Not {@link ProcessHandle}, which may remember the parent's. */
  private static long pid() {
    try {
      return Long.parseLong(Files.readSymbolicLink(Path.of("/proc/self")).toString());
    } catch (IOException e) {
      throw new AuditException(
          AuditException.Reason.UNREADABLE,
          "cannot look at this process: /proc cannot be read (" + e.getMessage() + "); mount it");
    }
  }

  private static OptionalInt signal(List<Finding> findings) {
    try {
      return ParkSignal.chosen();
    } catch (ForkException e) { // a property that is no signal
      findings.add(refused(Kind.PARK_SIGNAL, String.valueOf(e.getMessage())));
      return OptionalInt.empty();
    }
  }

  private static Optional<String> platform(Audit audit) {
    Optional<String> reason =
        Support.platform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    boolean isMusl = audit.findings().stream().anyMatch(f -> f.kind() == Kind.MUSL);
    if (reason.isPresent() || isMusl) { // the library does not load there
      return reason;
    }
    return Support.probe(Probe.take());
  }

  private static Finding refused(Kind kind, String why) {
    return new Finding(new Subject.Whole(), kind, "", Treatment.REFUSED, why);
  }
}
