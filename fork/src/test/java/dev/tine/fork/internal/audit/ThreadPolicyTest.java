package dev.tine.fork.internal.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Treatment;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class ThreadPolicyTest {
  private static final OptionalInt SIGNAL = OptionalInt.of(35);

  private static Finding of(Task task) {
    return ThreadPolicy.findings(10, List.of(task), SIGNAL).getFirst();
  }

  @Test
  void shouldReadARecordedThread() {
    Task leader = Task.of(11225, Recorded.lines("status"));

    assertThat(leader).isEqualTo(new Task(11225, "java", 'S', 0));
  }

  @Test
  void shouldSayThatThreadsGoOn() {
    assertThat(of(new Task(11, "main", 'S', 0)).treatment()).isEqualTo(Treatment.REBUILT);
    assertThat(of(new Task(10, "java", 'S', 0)).kind()).isEqualTo(Kind.LEADER);
  }

  @Test
  void shouldNameTheThreadThatBlocksTheSignal() {
    Finding finding = of(new Task(11, "native-pool", 'S', 1L << 34));

    assertThat(finding.treatment()).isEqualTo(Treatment.REFUSED);
    assertThat(finding.target()).isEqualTo("native-pool");
    assertThat(finding.why()).contains("blocks signal 35");
    assertThat(of(new Task(11, "other", 'S', 1L << 35)).treatment())
        .isEqualTo(Treatment.REBUILT); // it blocks 36
  }

  @Test
  void shouldRefuseThreadsThatCannotBeStopped() {
    assertThat(of(new Task(11, "nfs", 'D', 0)).why()).contains("uninterruptible");
    assertThat(of(new Task(11, "main", 't', 0)).why()).contains("traced");
    assertThat(of(new Task(10, "java", 'Z', 0)).why()).contains("pthread_exit");
  }

  @Test
  void shouldTakeTheLowestSignalThatIsFree() {
    assertThat(ThreadPolicy.signal(0, OptionalInt.empty())).hasValue(35);
    assertThat(ThreadPolicy.signal(1L << 34 | 1L << 35, OptionalInt.empty())).hasValue(37);
    assertThat(ThreadPolicy.signal(0, OptionalInt.of(50))).hasValue(50);
  }

  @Test
  void shouldRefuseWhenNoSignalIsFree() {
    OptionalInt none = ThreadPolicy.signal(~0L, OptionalInt.empty());

    assertThat(ThreadPolicy.findings(10, List.of(), none))
        .singleElement()
        .satisfies(finding -> assertThat(finding.treatment()).isEqualTo(Treatment.REFUSED));
  }
}
