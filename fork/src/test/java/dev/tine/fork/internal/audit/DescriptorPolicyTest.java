package dev.tine.fork.internal.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DescriptorPolicyTest {
  private static final List<Finding> FINDINGS =
      new DescriptorPolicy(Recorded.files(), Recorded.sockets()).findings();

  private static Finding of(int fd, List<Finding> findings) {
    return findings.stream()
        .filter(finding -> finding.subject().equals(new Subject.Descriptor(fd)))
        .filter(finding -> finding.kind() != Kind.RECORD_LOCK)
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "0, NAMED_PIPE, SHARED",
    "1, FILE_WRITABLE, SHARED",
    "3, FILE_READ_ONLY, REOPENED",
    "4, FILE_APPENDED, REOPENED",
    "5, DEVICE, SHARED",
    "7, INOTIFY, EMPTIED",
    "8, SOCKET_PAIR, REBUILT",
    "9, SOCKET_PAIR, REBUILT",
    "11, EPOLL, REBUILT",
    "12, EVENTFD, REBUILT",
    "13, HUNG_UP_SOCKET, SHARED",
    "14, TCP_LISTENER, SHARED",
    "15, TCP_CONNECTION, DETACHED",
    "16, FRESH_SOCKET, REBUILT",
    "17, FRESH_SOCKET, REBUILT",
    "18, UDP_CONNECTION, DETACHED",
    "19, UNIX_LISTENER, SHARED",
    "20, UNIX_CONNECTION, DETACHED",
    "21, FILE_WRITABLE, REOPENED",
    "22, DIRECTORY, REOPENED",
    "23, PIPE, DETACHED",
    "27, INTERNAL_PIPE, REBUILT",
    "28, INTERNAL_PIPE, REBUILT",
    "29, TIMERFD, REBUILT",
    "30, SIGNALFD, REBUILT",
    "31, IO_URING, REFUSED",
    "32, PERF_EVENT, REFUSED",
    "33, PIDFD, SHARED",
    "34, MEMORY_FILE, REOPENED",
    "35, TERMINAL, SHARED",
    "36, OTHER, SHARED",
    "37, PATH, SHARED",
    "38, TERMINAL, DETACHED",
  })
  void shouldSayWhatAChildHas(int fd, Kind kind, Treatment treatment) {
    Finding finding = of(fd, FINDINGS);

    assertThat(finding.kind()).isEqualTo(kind);
    assertThat(finding.treatment()).isEqualTo(treatment);
    assertThat(finding.why()).endsWith(".");
  }

  @Test
  void shouldNameBothEndsOfAConnection() {
    assertThat(of(15, FINDINGS).target()).isEqualTo("127.0.0.1:40448 -> 127.0.0.1:33131");
    assertThat(of(14, FINDINGS).target()).isEqualTo("127.0.0.1:33131");
    assertThat(of(19, FINDINGS).target()).isEqualTo("/srv/shop/data/s");
  }

  @Test
  void shouldCountMembersAndWatches() {
    assertThat(of(11, FINDINGS).target()).isEqualTo("members: 1");
    assertThat(of(7, FINDINGS).target()).isEqualTo("watches: 1");
  }

  @Test
  void shouldTellFilesThatAreAppendedTo() {
    assertThat(of(4, FINDINGS).why()).contains("append");
    assertThat(of(21, FINDINGS).why()).contains("over the other");
  }

  @Test
  void shouldReportLocksThatAChildDoesNotInherit() {
    assertThat(FINDINGS)
        .filteredOn(finding -> finding.kind() == Kind.RECORD_LOCK)
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.subject()).isEqualTo(new Subject.Descriptor(21));
          assertThat(finding.treatment()).isEqualTo(Treatment.LOST);
        });
  }

  @Test
  void shouldTakeAConnectionForOneToElsewhereIfTheKernelDoesNotTell() {
    List<Finding> findings =
        new DescriptorPolicy(Recorded.files(), Recorded.socketsWithoutPeers()).findings();

    assertThat(of(8, findings).treatment()).isEqualTo(Treatment.DETACHED);
    assertThat(of(19, findings).kind()).isEqualTo(Kind.UNIX_LISTENER);
  }

  @Test
  void shouldSayThatAFileWithoutPermissionStaysShared() {
    OpenFile secret =
        new OpenFile(
            9, "/etc/shop/key", 0100600, 77, List.of("flags:\t0100000"), false, false, false);

    Finding finding = of(9, new DescriptorPolicy(List.of(secret), new SocketTables()).findings());

    assertThat(finding.treatment()).isEqualTo(Treatment.SHARED);
    assertThat(finding.why()).contains("may not be opened again");
  }

  @Test
  void shouldNotTakeStandardOutputForTheOtherEndOfAPipe() {
    OpenFile reader =
        new OpenFile(7, "pipe:[5]", 0010600, 5, List.of("flags:\t00"), false, true, true);
    OpenFile stdout =
        new OpenFile(1, "pipe:[5]", 0010600, 5, List.of("flags:\t01"), true, true, true);

    List<Finding> findings =
        new DescriptorPolicy(List.of(stdout, reader), new SocketTables()).findings();

    assertThat(of(7, findings).treatment()).isEqualTo(Treatment.DETACHED);
    assertThat(of(1, findings).treatment()).isEqualTo(Treatment.SHARED);
  }
}
