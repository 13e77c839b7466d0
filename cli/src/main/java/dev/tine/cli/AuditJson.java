package dev.tine.cli;

import static dev.tine.cli.Json.quote;

import dev.tine.fork.audit.Audit;
import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Subject;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * An audit as JSON, a finding a line.
 *
 * <p>The names of fields and the words of {@code verdict}, {@code area}, {@code kind} and {@code
 * treatment} do not change; new ones may be added.
 */
final class AuditJson {
  private AuditJson() {}

  static String of(Audit audit) {
    return "{\n"
        + "  \"pid\": %d,\n".formatted(audit.pid())
        + "  \"command\": [%s],\n".formatted(commaSeparated(audit.command(), Json::quote, ", "))
        + "  \"verdict\": %s,\n".formatted(word(audit.verdict()))
        + "  \"findings\": [\n    %s\n  ]\n}\n"
            .formatted(commaSeparated(audit.findings(), AuditJson::finding, ",\n    "));
  }

  private static String finding(Finding finding) {
    return "{\"area\": %s, \"kind\": %s, %s\"target\": %s, \"treatment\": %s, \"why\": %s}"
        .formatted(
            word(finding.kind().area()),
            word(finding.kind()),
            subject(finding.subject()),
            quote(finding.target()),
            word(finding.treatment()),
            quote(finding.why()));
  }

  /** The field that says where it is; none for the process as a whole. */
  private static String subject(Subject subject) {
    return switch (subject) {
      case Subject.Descriptor(int fd) -> "\"fd\": %d, ".formatted(fd);
      case Subject.Task(int tid) -> "\"tid\": %d, ".formatted(tid);
      case Subject.Memory(long from, long to) ->
          "\"from\": \"%x\", \"to\": \"%x\", ".formatted(from, to);
      case Subject.Whole() -> "";
    };
  }

  private static String word(Enum<?> constant) {
    return quote(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  private static <T> String commaSeparated(
      List<T> items, Function<T, String> text, String separator) {
    return items.stream().map(text).collect(Collectors.joining(separator));
  }
}
