package dev.tine.fork.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.sys.Errno;
import dev.tine.sys.Probe;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SupportTest {
  private static final String HEAP = "707c00000-800000000 rw-p 00000000 00:00 0 ";
  private static final String LIBC =
      "7f3a1c000000-7f3a1c026000 r--p 00000000 fe:00 2883 /usr/lib/x86_64-linux-gnu/libc.so.6";

  @Test
  void shouldAcceptLinuxOnX86() {
    assertThat(Support.platform("Linux", "amd64")).isEmpty();
  }

  @Test
  void shouldRefuseAnotherSystemByName() {
    assertThat(Support.platform("Mac OS X", "x86_64"))
        .hasValueSatisfying(r -> assertThat(r).contains("Mac OS X"));
  }

  @Test
  void shouldRefuseAnotherProcessorByName() {
    assertThat(Support.platform("Linux", "aarch64"))
        .hasValueSatisfying(r -> assertThat(r).contains("aarch64"));
  }

  @Test
  void shouldAcceptAPrivateHeap() {
    assertThat(Support.mappings(List.of(HEAP, LIBC))).isEmpty();
  }

  @Test
  void shouldRefuseTheSharedHeapOfZgc() {
    String heap = "40000000000-40008000000 rw-s 00000000 00:01 1025 /memfd:java_heap (deleted)";

    assertThat(Support.mappings(List.of(LIBC, heap)))
        .hasValueSatisfying(r -> assertThat(r).contains("ZGC").contains("-XX:+UseG1GC"));
  }

  @Test
  void shouldRefuseExplicitHugePages() {
    String heap = "80000000-c0000000 rw-p 00000000 00:0f 2049 /anon_hugepage (deleted)";

    assertThat(Support.mappings(List.of(LIBC, heap)))
        .hasValueSatisfying(r -> assertThat(r).contains("-XX:+UseTransparentHugePages"));
  }

  @Test
  void shouldRefuseMusl() {
    String libc = "7f3a1c000000-7f3a1c026000 r--p 00000000 fe:00 2883 /lib/ld-musl-x86_64.so.1";

    assertThat(Support.mappings(List.of(libc)))
        .hasValueSatisfying(r -> assertThat(r).contains("musl"));
  }

  @Test
  void shouldAcceptWhatThisMachineCan() {
    assertThat(Support.probe(Probe.take())).isEmpty();
  }

  @Test
  void shouldRefuseALeaderThatHasExited() {
    assertThat(Support.probe(new Probe(0, 0, Errno.ESRCH, 0, 32)))
        .hasValueSatisfying(
            r -> assertThat(r).contains("primordial thread").contains("pthread_exit"));
  }

  @Test
  void shouldRefuseAnOldKernelWithTheVersionThatIsNeeded() {
    assertThat(Support.probe(new Probe(0, 38, 0, 0, 0)))
        .hasValueSatisfying(
            r -> assertThat(r).contains("Linux 5.4").contains("Function not implemented"));
  }

  @Test
  void shouldRefuseAKernelWithoutTidAddress() {
    assertThat(Support.probe(new Probe(22, 0, 0, 0, 0)))
        .hasValueSatisfying(r -> assertThat(r).contains("CONFIG_CHECKPOINT_RESTORE"));
  }

  @Test
  void shouldRefuseAnUnknownLoader() {
    assertThat(Support.probe(new Probe(0, 0, 0, 2, 0)))
        .hasValueSatisfying(r -> assertThat(r).contains("glibc"));
  }
}
