package dev.tine.fork.internal.audit;

import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import java.util.ArrayList;
import java.util.List;

/** What a child has in the place of each mapping. */
final class MappingPolicy {
  private static final long MEBIBYTE = 1 << 20;

  private MappingPolicy() {}

  static List<Finding> findings(List<MappedRange> ranges) {
    List<Finding> findings = new ArrayList<>();
    long privateBytes = 0;
    int privateRanges = 0;
    boolean musl = false;
    for (MappedRange range : ranges) {
      if (range.path().contains("/ld-musl-") && !musl) {
        musl = true;
        findings.add(
            finding(
                range,
                Kind.MUSL,
                Treatment.REFUSED,
                "The threads of musl cannot be re-created; use a JDK and an image with glibc."));
      }
      if (range.path().contains("/anon_hugepage") || range.path().startsWith("/SYSV")) {
        findings.add(hugePages(range));
      } else if (range.isShared()) {
        findings.add(shared(range));
      } else {
        privateBytes += range.bytes();
        privateRanges++;
      }
    }
    findings.add(
        new Finding(
            new Subject.Whole(),
            Kind.PRIVATE_MEMORY,
            "%d ranges, %d MiB".formatted(privateRanges, privateBytes / MEBIBYTE),
            Treatment.COPIED,
            "The kernel copies a page when one of the two processes writes to it."));
    return findings;
  }

  private static Finding hugePages(MappedRange range) {
    return finding(
        range,
        Kind.HUGE_PAGES,
        Treatment.REFUSED,
        "Explicit huge pages cannot be copied on demand: a process that finds none free is killed."
            + " Use -XX:+UseTransparentHugePages in place of -XX:+UseLargePages.");
  }

  private static Finding shared(MappedRange range) {
    if (range.path().startsWith("/memfd:java_heap")) {
      return finding(
          range,
          Kind.SHARED_HEAP,
          Treatment.REFUSED,
          "ZGC keeps its heap in memory that a child would share and not copy; use another"
              + " collector, for example -XX:+UseG1GC.");
    }
    if (!range.isWritable()) {
      return finding(
          range,
          Kind.SHARED_READ_ONLY,
          Treatment.SHARED,
          "Nobody writes to it through this mapping.");
    }
    if (range.path().matches(".*/hsperfdata_[^/]*/\\d+( \\(deleted\\))?")) {
      return finding(
          range,
          Kind.PERF_DATA,
          Treatment.REBUILT,
          "The child has a file of its own, which jps and jstat find.");
    }
    return finding(
        range,
        Kind.SHARED_WRITABLE,
        Treatment.REFUSED,
        "What one process writes there, the other sees: unmap it before the fork, or allow it by"
            + " name if that is wanted.");
  }

  private static Finding finding(MappedRange range, Kind kind, Treatment treatment, String why) {
    return new Finding(
        new Subject.Memory(range.from(), range.to()), kind, range.path(), treatment, why);
  }
}
