package dev.tine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.audit.Audit;
import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class AuditTest {
  private static final Finding URING =
      new Finding(
          new Subject.Descriptor(9),
          Kind.IO_URING,
          "",
          Treatment.REFUSED,
          "Its queues are shared.");
  private static final Finding ODD =
      new Finding(
          new Subject.Descriptor(8),
          Kind.FILE_WRITABLE,
          "/srv/\"odd\"\n" + "long/".repeat(30) + "end.log",
          Treatment.REOPENED,
          "Parent and child both append to it.");
  private static final Finding THREAD =
      new Finding(new Subject.Task(11), Kind.THREAD, "main", Treatment.REBUILT, "It goes on.");
  private static final Finding HEAP =
      new Finding(
          new Subject.Memory(0x1000, 0x2000),
          Kind.SHARED_READ_ONLY,
          "/srv/modules",
          Treatment.SHARED,
          "Nobody writes.");

  private static Audit audit(Finding... more) {
    Stream<Finding> jars =
        IntStream.range(20, 57)
            .mapToObj(fd ->
                new Finding(
                    new Subject.Descriptor(fd),
                    Kind.FILE_READ_ONLY,
                    "/srv/lib/" + fd + ".jar",
                    Treatment.REOPENED,
                    "The child reads at a position of its own."));
    return new Audit(
        10, List.of("java", "-jar", "shop.jar"), Stream.concat(jars, Stream.of(more)).toList());
  }

  @Test
  void shouldFitInEightyColumns() {
    String table = new AuditTable(80, true).of(audit(ODD, THREAD, HEAP, URING));

    assertThat(table.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    assertThat(table).contains("fd 8      /srv/\"odd\"?long", "end.log", "tid 11    main");
  }

  @Test
  void shouldSumUpWhatIsAlike() {
    String table = new AuditTable(80, false).of(audit(ODD));

    assertThat(table)
        .startsWith("A fork would work.\n")
        .contains("re-opened  37 × file, read-only");
    assertThat(table).doesNotContain("21.jar").contains("fd 8");
    assertThat(new AuditTable(80, true).of(audit())).contains("fd 21     /srv/lib/21.jar");
  }

  @Test
  void shouldSayOnTopWhatAForkIsRefusedFor() {
    String table = new AuditTable(80, false).of(audit(URING));

    assertThat(table).startsWith("A fork would be refused").containsOnlyOnce("io_uring");
    assertThat(table.indexOf("io_uring")).isLessThan(table.indexOf("DESCRIPTORS"));
  }

  @Test
  void shouldWriteJson() {
    String json = AuditJson.of(new Audit(10, List.of("java"), List.of(URING, THREAD, HEAP)));

    assertThat(json)
        .isEqualTo(
            """
            {
              "pid": 10,
              "command": ["java"],
              "verdict": "refused",
              "findings": [
                {"area": "descriptors", "kind": "io-uring", "fd": 9, "target": "", "treatment": "refused", "why": "Its queues are shared."},
                {"area": "threads", "kind": "thread", "tid": 11, "target": "main", "treatment": "rebuilt", "why": "It goes on."},
                {"area": "mappings", "kind": "shared-read-only", "from": "1000", "to": "2000", "target": "/srv/modules", "treatment": "shared", "why": "Nobody writes."}
              ]
            }
            """);
    assertThat(AuditJson.of(audit(ODD))).contains("\"/srv/\\\"odd\\\"\\nlong/");
  }

  @Test
  void shouldFailWithTwoIfItCannotLook() {
    var err = new StringWriter();
    CommandLine tine = Tine.commandLine().setErr(new PrintWriter(err, true));

    assertThat(tine.execute("audit", "2147483647")).isEqualTo(2);
    assertThat(err.toString()).startsWith("tine audit: there is no process 2147483647");
    assertThat(tine.execute("audit")).isEqualTo(2);
    assertThat(tine.execute("audit", "no-number")).isEqualTo(2);
  }

  @Test
  void shouldAuditThisJvm() {
    var out = new StringWriter();
    CommandLine tine = Tine.commandLine().setOut(new PrintWriter(out, true));

    int exitCode = tine.execute("audit", Long.toString(ProcessHandle.current().pid()));

    assertThat(exitCode).as(out.toString()).isBetween(0, 1);
    assertThat(out.toString()).contains("DESCRIPTORS", "MAPPINGS", "THREADS", "GENERATORS");
  }
}
