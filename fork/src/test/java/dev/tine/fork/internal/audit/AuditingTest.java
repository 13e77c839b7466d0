package dev.tine.fork.internal.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tine.fork.audit.Area;
import dev.tine.fork.audit.Audit;
import dev.tine.fork.audit.AuditException;
import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Treatment;
import dev.tine.fork.audit.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditingTest {
  private static Audit audit(List<String> command, List<Task> tasks, List<OpenFile> files) {
    var process =
        new Snapshot(
            10,
            command,
            Recorded.lines("status"),
            files,
            new SocketTables(),
            List.of(),
            tasks,
            List.of("ID: 0", "signal: 27/0", "notify: signal/tid.11", "ClockID: 2"));
    return Auditing.audit(process, OptionalInt.empty());
  }

  private static Finding only(Audit audit, Kind kind) {
    List<Finding> found = audit.findings().stream().filter(f -> f.kind() == kind).toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  @Test
  void shouldReportServices() {
    Audit audit =
        audit(
            List.of(
                "java",
                "-Xlog:gc:stdout",
                "-Xlog:safepoint:file=vm.log:time",
                "-Dcom.sun.management.jmxremote.port=7091"),
            List.of(new Task(11, "Attach Listener", 'S', 0)),
            List.of());

    assertThat(only(audit, Kind.LOG_FILE).target()).contains("vm.log");
    assertThat(only(audit, Kind.JMX_PORT).target()).isEqualTo("7091");
    assertThat(only(audit, Kind.ATTACH).treatment()).isEqualTo(Treatment.REBUILT);
    assertThat(only(audit, Kind.TIMER).treatment()).isEqualTo(Treatment.LOST);
    assertThat(audit.findings(Area.GENERATORS)).hasSize(4);
    assertThat(audit.verdict()).isEqualTo(Verdict.FORKABLE);
  }

  @Test
  void shouldRefuseARunningRecording() {
    var chunk =
        new OpenFile(5, "/srv/1.jfr", 0100644, 7, List.of("flags:\t0100001"), false, true, true);

    Audit audit = audit(List.of("java"), List.of(), List.of(chunk));

    assertThat(audit.verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(audit.refused()).extracting(Finding::kind).containsExactly(Kind.FLIGHT_RECORDER);
    assertThat(audit.refused().getFirst().target()).isEqualTo("/srv/1.jfr");
  }

  @Test
  void shouldSayThatThereIsNoSuchProcess() {
    assertThatThrownBy(() -> Audit.of(Integer.MAX_VALUE))
        .isInstanceOfSatisfying(
            AuditException.class,
            e -> assertThat(e.reason()).isEqualTo(AuditException.Reason.NO_SUCH_PROCESS));
  }

  @Test
  void shouldSayThatThereIsNoProc(@TempDir Path empty) {
    assertThatThrownBy(() -> new ProcessReader(empty, 10).read())
        .isInstanceOfSatisfying(
            AuditException.class,
            e -> assertThat(e.reason()).isEqualTo(AuditException.Reason.UNREADABLE));
  }

  @Test
  void shouldReadAddresses() {
    assertThat(SocketTables.address("0100007F:1538")).isEqualTo("127.0.0.1:5432");
    assertThat(SocketTables.address("00000000000000000000000001000000:0000"))
        .isEqualTo("[0:0:0:0:0:0:0:1]:*");
  }

  @Test
  void shouldReadNamesWithLineBreaksAndBlanks() {
    var tables =
        new SocketTables()
            .unix(
                List.of(
                    "Num       RefCount Protocol Flags    Type St Inode Path",
                    "00000000694a169e: 00000002 00000000 00010000 0001 01    77 /srv/a b",
                    "of c d e f g h i"),
                Optional.empty());

    assertThat(tables.socket(77).orElseThrow().description()).isEqualTo("/srv/a b");
  }
}
