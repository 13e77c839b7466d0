package dev.tine.fork.audit;

import dev.tine.fork.internal.audit.Auditing;
import java.util.List;

/**
 * What a JVM has at a moment, and what a fork at that moment would do with it.
 *
 * <p>It is read from {@code /proc} while the process runs: what is opened and closed meanwhile may
 * be in it or not. Nothing is changed in the process, and it need not use Tine.
 *
 * @param pid of the process
 * @param command its command line
 * @param findings by area, and within an area by number
 */
public record Audit(long pid, List<String> command, List<Finding> findings) {

  /** Keeps copies of the lists. */
  public Audit {
    command = List.copyOf(command);
    findings = List.copyOf(findings);
  }

  /**
   * Audits any JVM of this machine.
   *
   * @throws AuditException if there is no such JVM, or it may not be looked at
   */
  public static Audit of(long pid) {
    return Auditing.of(pid);
  }

  /** Whether a fork would come off. */
  public Verdict verdict() {
    return refused().isEmpty() ? Verdict.FORKABLE : Verdict.REFUSED;
  }

  /** What a fork would be refused for. */
  public List<Finding> refused() {
    return findings.stream().filter(f -> f.treatment() == Treatment.REFUSED).toList();
  }

  /** The findings of one area. */
  public List<Finding> findings(Area area) {
    return findings.stream().filter(f -> f.kind().area() == area).toList();
  }

  /** All findings, a line each. */
  @Override
  public String toString() {
    var text = new StringBuilder("JVM %d: %s%n".formatted(pid, verdict()));
    findings.forEach(finding -> text.append(finding).append('\n'));
    return text.toString();
  }
}
