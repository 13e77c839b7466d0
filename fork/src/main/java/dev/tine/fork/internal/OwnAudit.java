package dev.tine.fork.internal;

import dev.tine.fork.ForkException;
import dev.tine.fork.audit.Audit;
import dev.tine.fork.audit.AuditException;
import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import dev.tine.fork.internal.audit.Auditing;
import dev.tine.fork.internal.audit.Generators;
import dev.tine.sys.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The audit of this process, which knows more of itself than {@code /proc} shows to others. */
public final class OwnAudit {
  private OwnAudit() {}

  /** Takes it. */
  public static Audit take() {
    List<Finding> own = new ArrayList<>();
    Audit audit = Auditing.ofSelf(pid(), signal(own), Generators.ofEveryJvm());
    platform(audit).map(reason -> refused(Kind.PLATFORM, reason)).ifPresent(own::add);
    own.addAll(0, audit.findings());
    own.sort(Comparator.comparing(finding -> finding.kind().area()));
    return new Audit(audit.pid(), audit.command(), own);
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
