package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.SharedKinds;
import java.util.regex.MatchResult;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a child would share with its parent is refused by name, with the remedy, before anything has
 * happened; and can be allowed.
 */
class SharedKindsTest {
  private static final String REFUSED = "this JVM cannot be forked: ";

  private static TestJvm parent;

  @BeforeAll
  static void start() {
    parent = TestJvm.of(SharedKinds.class).start();
  }

  @AfterAll
  static void end() {
    parent.finish();
  }

  @Test
  void shouldRefuseIoUring() {
    assertThat(refusalOf("io_uring"))
        .matches(
            REFUSED
                + "descriptor \\d+ is an io_uring, whose queues are in memory that a child would"
                + " share and not copy; close it before the fork, or use another transport"
                + " \\(Netty: NIO or epoll\\)\\. To fork nevertheless:"
                + " ForkOptions\\.defaults\\(\\)\\.allow\\(Refusal\\.IO_URING\\)");
  }

  @Test
  void shouldRefusePerformanceCounters() {
    assertThat(refusalOf("perf_event"))
        .matches(
            REFUSED
                + "descriptor \\d+ is a performance counter, which would go on counting this"
                + " process in the child; stop the profiler before the fork\\. To fork"
                + " nevertheless: ForkOptions\\.defaults\\(\\)\\.allow\\(Refusal\\.PERF_EVENT\\)");
  }

  @Test
  void shouldRefuseUserfaultfd() {
    assertThat(refusalOf("userfaultfd")).contains("is a userfaultfd", "allow(Refusal.USERFAULTFD)");
  }

  @Test
  void shouldRefuseFanotify() {
    assertThat(refusalOf("fanotify")).contains("is a fanotify", "allow(Refusal.FANOTIFY)");
  }

  @Test
  void shouldRefuseAMappingThatBothWouldWriteTo() {
    assertThat(refusalOf("mapping of a file"))
        .matches(
            REFUSED
                + ".*/shared-\\d+\\.bin is mapped writable and shared \\(64 KB at 0x[0-9a-f]+\\):"
                + " what one process writes there, the other would read\\. Unmap it before the"
                + " fork, map it read-only or private, or fork with"
                + " ForkOptions\\.defaults\\(\\)\\.allowMapping\\(path -> \\.\\.\\.\\) if both"
                + " shall see it");
  }

  @Test
  void shouldRefuseAMappingWithoutAName() {
    assertThat(refusalOf("mapping without a name"))
        .startsWith(REFUSED + "/dev/zero (deleted) is mapped writable and shared (64 KB at 0x");
  }

  @Test
  void shouldRefuseNoOtherMapping() {
    parent.run("harmless mappings");
  }

  private static String refusalOf(String what) {
    parent.send(what);
    MatchResult answer = parent.awaitLine("refused SUPPORT 0 (.*)|not here: (.*)|failed .*");
    // A kernel that has it not, or a user who may not: there is nothing to refuse.
    boolean isHere = answer.group(2) == null;
    parent.awaitLine("ok " + what);
    assumeThat(isHere).as(answer.group()).isTrue();
    return answer.group(1);
  }
}
