package dev.tine.fork.internal.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Treatment;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MappingPolicyTest {
  private static Finding of(String line) {
    return MappingPolicy.findings(List.of(MappedRange.parse(line).orElseThrow())).getFirst();
  }

  @Test
  void shouldListWhatIsSharedAndSumUpTheRest() {
    List<Finding> findings = MappingPolicy.findings(Recorded.ranges());

    assertThat(findings)
        .extracting(Finding::kind)
        .containsExactly(
            Kind.SHARED_READ_ONLY,
            Kind.SHARED_WRITABLE,
            Kind.SHARED_READ_ONLY,
            Kind.PERF_DATA,
            Kind.PRIVATE_MEMORY);
    assertThat(findings.get(1).target()).isEqualTo("/srv/shop/data/odd\\012name");
    assertThat(findings.get(1).treatment()).isEqualTo(Treatment.REFUSED);
    assertThat(findings.getLast().target()).startsWith("9 ranges, ");
  }

  @Test
  void shouldRefuseTheSharedHeapOfZgc() {
    Finding heap =
        of("40000000000-40008000000 rw-s 00000000 00:01 1025 /memfd:java_heap (deleted)");

    assertThat(heap.treatment()).isEqualTo(Treatment.REFUSED);
    assertThat(heap.why()).contains("-XX:+UseG1GC");
  }

  @Test
  void shouldRefuseExplicitHugePages() {
    assertThat(of("80000000-c0000000 rw-p 00000000 00:0f 2049 /anon_hugepage (deleted)"))
        .satisfies(pages -> assertThat(pages.kind()).isEqualTo(Kind.HUGE_PAGES))
        .satisfies(pages -> assertThat(pages.treatment()).isEqualTo(Treatment.REFUSED));
  }

  @Test
  void shouldRefuseMuslOnce() {
    MappedRange loader =
        MappedRange.parse("7f3a1c000000-7f3a1c026000 r--p 0 fe:00 2883 /lib/ld-musl-x86_64.so.1")
            .orElseThrow();

    assertThat(MappingPolicy.findings(List.of(loader, loader)))
        .filteredOn(finding -> finding.treatment() == Treatment.REFUSED)
        .singleElement()
        .satisfies(finding -> assertThat(finding.why()).contains("glibc"));
  }
}
