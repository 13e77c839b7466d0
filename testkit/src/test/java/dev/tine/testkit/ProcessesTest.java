package dev.tine.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tine.fork.audit.Audit;
import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ProcessesTest {
  /** A process that does not exist, so that no descriptors are the same. */
  private static Audit audit(Finding... findings) {
    return new Audit(Integer.MAX_VALUE, List.of("java"), List.of(findings));
  }

  private static Finding finding(Kind kind, Subject subject, String target) {
    return new Finding(subject, kind, target, Treatment.SHARED, "Test.");
  }

  private static Finding file(Kind kind, int fd, String path) {
    return finding(kind, new Subject.Descriptor(fd), path);
  }

  private static Finding memory(long from, String path) {
    return finding(Kind.SHARED_WRITABLE, new Subject.Memory(from, from + 4096), path);
  }

  @Test
  void shouldReportFilesThatBothWrite() {
    Audit first =
        audit(
            file(Kind.FILE_WRITABLE, 1, "/srv/out"),
            file(Kind.FILE_WRITABLE, 5, "/srv/index"),
            file(Kind.FILE_APPENDED, 6, "/srv/log"),
            file(Kind.FILE_WRITABLE, 7, "/srv/mine"));
    Audit second =
        audit(
            file(Kind.FILE_WRITABLE, 1, "/srv/out"),
            file(Kind.FILE_WRITABLE, 9, "/srv/index"),
            file(Kind.FILE_APPENDED, 6, "/srv/log"),
            file(Kind.FILE_WRITABLE, 7, "/srv/yours"));

    assertThat(Processes.compare(first, second, "a and b"))
        .containsExactly(new Shared.WrittenFile("/srv/index", "a and b"));
  }

  @Test
  void shouldReportMemoryOfOneFileAndMemoryThatWasInherited() {
    Audit first =
        audit(
            memory(0x1000, "/srv/index"),
            memory(0x2000, "/dev/zero (deleted)"),
            memory(0x9000, ""));
    Audit inherited = audit(memory(0x5000, "/srv/index"), memory(0x2000, "/dev/zero (deleted)"));
    Audit unrelated = audit(memory(0x7000, "/dev/zero (deleted)"), memory(0x5000, "/srv/other"));

    assertThat(Processes.compare(first, inherited, "a and b"))
        .containsExactlyInAnyOrder(
            new Shared.Mapping("/srv/index", "a and b"),
            new Shared.Mapping("/dev/zero (deleted)", "a and b"));
    assertThat(Processes.compare(first, unrelated, "a and b")).isEmpty();
  }

  @Test
  void shouldSendWhatAProcessHasToSay() throws IOException {
    var message =
        new Message(
            "x".repeat(70_000), List.of(new Records.Entry("id", "ä")), Set.of(1L, 1L << 40));
    var bytes = new ByteArrayOutputStream();

    message.write(new DataOutputStream(bytes));

    assertThat(Message.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))))
        .isEqualTo(message);
  }

  @Test
  void shouldListWhatIsShared() {
    assertThat(new Report(List.of()).orThrow().isSafe()).isTrue();
    var report =
        new Report(
            List.of(
                new Shared.LostLock("/srv/lock"),
                new Shared.Failure("child 1", "java.io\n\tat x")));
    assertThatThrownBy(report::orThrow)
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("not safe to fork:\n  * lock on /srv/lock: ")
        .hasMessageContaining("\n  * the code failed in child 1: java.io\n    \tat x");
  }
}
