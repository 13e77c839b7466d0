package dev.tine.cli;

import dev.tine.fork.audit.Area;
import dev.tine.fork.audit.Audit;
import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import dev.tine.fork.audit.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An audit as a table for people: what is alike stands together, with the reason said once.
 *
 * @param width columns of the terminal
 * @param all whether each thing is listed
 */
record AuditTable(int width, boolean all) {
  static final int NARROWEST = 80;

  /** Of things that are alike, more than this are only counted. */
  private static final int FEW = 4;

  private static final int TREATMENT = 11; // the longest label, and two blanks
  private static final int SUBJECT = 10; // "fd 12345", and two blanks

  /** What stands together. */
  private record Group(Treatment treatment, Kind kind, String why) {}

  String of(Audit audit) {
    var table = new StringBuilder();
    String command = Text.cut(Text.printable(String.join(" ", audit.command())), width - 24);
    table.append(
        audit.verdict() == Verdict.FORKABLE
            ? "A fork would work.\n"
            : "A fork would be refused: see %s below.\n".formatted("REFUSED"));
    table.append("JVM %d: %s\n".formatted(audit.pid(), command));
    List<Finding> refused = audit.refused();
    if (!refused.isEmpty()) {
      table.append("\nREFUSED\n");
      groups(refused).forEach((group, findings) -> group(table, group, findings));
    }
    for (Area area : Area.values()) {
      List<Finding> findings = audit.findings(area);
      if (findings.isEmpty()) {
        continue;
      }
      table.append("\n%s (%d)\n".formatted(area.name(), findings.size()));
      groups(findings)
          .forEach((group, members) -> {
            if (group.treatment != Treatment.REFUSED) { // said on top
              group(table, group, members);
            }
          });
    }
    return table.toString();
  }

  private static Map<Group, List<Finding>> groups(List<Finding> findings) {
    Map<Group, List<Finding>> groups = new LinkedHashMap<>();
    for (Finding finding : findings) {
      groups
          .computeIfAbsent(
              new Group(finding.treatment(), finding.kind(), finding.why()), _ -> new ArrayList<>())
          .add(finding);
    }
    return groups;
  }

  private void group(StringBuilder table, Group group, List<Finding> findings) {
    String what =
        findings.size() == 1
            ? group.kind.label()
            : "%d × %s".formatted(findings.size(), group.kind.label());
    String treatment = group.treatment.label();
    if (group.treatment == Treatment.REFUSED) {
      treatment = treatment.toUpperCase(Locale.ROOT);
    }
    boolean isWhole =
        findings.size() == 1 && findings.getFirst().subject() instanceof Subject.Whole;
    String target = isWhole ? Text.printable(findings.getFirst().target()) : "";
    if (!target.isEmpty()) {
      what += ": " + Text.cut(target, width - TREATMENT - 4 - what.length());
    }
    table.append("  %-11s%s\n".formatted(treatment, what));
    Text.wrap(group.why, width - TREATMENT - 2)
        .forEach(line -> table.append(" ".repeat(TREATMENT + 2)).append(line).append('\n'));
    if (!isWhole && (all || findings.size() <= FEW || mattersEach(group))) {
      findings.forEach(finding -> member(table, finding));
    }
  }

  /** What may need a hand of the user's, one by one. */
  private static boolean mattersEach(Group group) {
    return group.treatment == Treatment.REFUSED
        || group.treatment == Treatment.LOST
        || group.kind == Kind.FILE_WRITABLE
        || group.kind == Kind.FILE_APPENDED;
  }

  private void member(StringBuilder table, Finding finding) {
    String subject =
        switch (finding.subject()) {
          case Subject.Whole() -> "";
          case Subject.Memory(long from, long _) -> Long.toHexString(from);
          default -> finding.subject().toString();
        };
    String indent = " ".repeat(TREATMENT + 4);
    String column =
        subject.isEmpty()
            ? ""
            : "%-10s".formatted(subject) + (subject.length() < SUBJECT ? "" : "  ");
    int room = width - indent.length() - column.length();
    table
        .append(
            (indent + column + Text.cut(Text.printable(finding.target()), room)).stripTrailing())
        .append('\n');
  }
}
