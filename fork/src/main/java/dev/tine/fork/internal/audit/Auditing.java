package dev.tine.fork.internal.audit;

import dev.tine.fork.audit.Audit;
import dev.tine.fork.audit.Finding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/** Makes an {@link Audit} of a snapshot. */
public final class Auditing {
  private static final String SIGNAL_OPTION = "-Ddev.tine.fork.signal=";

  private Auditing() {}

  /** Audits any process, from outside. */
  public static Audit of(long pid) {
    Snapshot process = new ProcessReader(Path.of("/proc"), pid).read();
    return audit(process, signalOption(process.command()));
  }

  /**
   * Audits this process.
   *
   * @param signal by which it stops threads; empty: not chosen yet
   */
  public static Audit ofSelf(long pid, OptionalInt signal) {
    return audit(new ProcessReader(Path.of("/proc"), pid).read(), signal);
  }

  static Audit audit(Snapshot process, OptionalInt chosen) {
    List<Finding> findings = new ArrayList<>();
    findings.addAll(new DescriptorPolicy(process.files(), process.sockets()).findings());
    findings.addAll(MappingPolicy.findings(process.ranges()));
    long taken =
        StatusLines.mask(process.status(), "SigCgt") | StatusLines.mask(process.status(), "SigIgn");
    findings.addAll(
        ThreadPolicy.findings(
            Math.toIntExact(process.pid()), process.tasks(), ThreadPolicy.signal(taken, chosen)));
    findings.addAll(GeneratorPolicy.findings());
    findings.addAll(new ServicePolicy(process).findings());
    findings.sort(Comparator.comparing(finding -> finding.kind().area())); // stable: numbers stay
    return new Audit(process.pid(), process.command(), findings);
  }

  /** A number that is none is told by the fork, not here. */
  private static OptionalInt signalOption(List<String> command) {
    return command.stream()
        .filter(argument -> argument.matches(SIGNAL_OPTION + "\\d{2}"))
        .mapToInt(argument -> Integer.parseInt(argument.substring(SIGNAL_OPTION.length())))
        .findFirst();
  }
}
