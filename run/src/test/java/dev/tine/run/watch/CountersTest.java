package dev.tine.run.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.run.Event;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CountersTest {
  private long nanos;
  private final Counters counters = new Counters(() -> nanos);

  @Test
  void shouldCountARestartByItsCauseAndTheGap() {
    tell("worker", 0, 100);
    exit(0, 100, "killed by SIGKILL");
    nanos += Duration.ofMillis(20).toNanos();
    tell("worker", 0, 101);
    exit(0, 101, "exited with status 3");

    assertThat(text())
        .contains("tine_worker_restarts_total{id=\"0\",cause=\"SIGKILL\"} 1\n")
        .contains("tine_worker_restarts_total{id=\"0\",cause=\"exit-3\"} 1\n")
        .contains("tine_gap_seconds_bucket{le=\"0.01\"} 0\n")
        .contains("tine_gap_seconds_bucket{le=\"0.025\"} 1\n")
        .contains("tine_gap_seconds_bucket{le=\"+Inf\"} 1\n")
        .contains("tine_gap_seconds_sum 0.02\ntine_gap_seconds_count 1\n");
  }

  @Test
  void shouldNameWhatAWorkerWasReplacedFor() {
    tell("worker", 0, 100);
    counters.accept(Event.of("reload").with("serving", 1));
    tell("candidate", 0, 101);
    nanos += Duration.ofMillis(700).toNanos();
    tell("worker", 0, 101);
    tell("draining", 0, 100);
    nanos += Duration.ofSeconds(2).toNanos();
    exit(0, 100, "exited with status 143");
    counters.accept(Event.of("rollback-failed").with("id", 0)); // of one worker, not of the change
    counters.accept(Event.of("reload-done").with("gen", 2));
    counters.accept(Event.of("recycle").with("id", 0).with("reason", "max-age"));
    tell("draining", 0, 101);
    tell("draining", 0, 102);

    assertThat(text())
        .contains("tine_worker_restarts_total{id=\"0\",cause=\"max-age\"} 1\n")
        .contains("tine_worker_restarts_total{id=\"0\",cause=\"reload\"} 1\n")
        .contains("tine_worker_restarts_total{id=\"0\",cause=\"restart\"} 1\n")
        .contains("tine_worker_exits_total{id=\"0\",cause=\"drained\"} 1\n")
        .contains("tine_changes_total{kind=\"reload\",result=\"done\"} 1\n")
        .doesNotContain("kind=\"rollback\"")
        .contains("tine_handover_seconds_sum 0.7\n")
        .contains("tine_drain_seconds_sum 2\n")
        .contains("tine_gap_seconds_count 0\n");
    assertThat(counters.sum("tine_worker_restarts_total")).isEqualTo(3);
  }

  @Test
  void shouldNotCountWhatHasNoSuccessor() {
    tell("worker", 1, 100);
    counters.accept(Event.of("scale").with("from", 2).with("to", 1));
    tell("draining", 1, 100);
    exit(1, 100, "exited with status 0");
    tell("candidate", 0, 101);
    exit(0, 101, "exited with status 1"); // died on trial
    tell("worker", 0, 102);
    counters.accept(Event.of("stopping").with("signal", "SIGTERM"));
    tell("draining", 0, 102);
    counters.accept(Event.of("drain-timeout").with("pid", 102));
    exit(0, 102, "killed by SIGKILL");

    assertThat(counters.sum("tine_worker_restarts_total")).isZero();
    assertThat(text())
        .contains("tine_worker_exits_total{id=\"0\",cause=\"candidate\"} 1\n")
        .contains("tine_worker_exits_total{id=\"0\",cause=\"drain-timeout\"} 1\n")
        .contains("tine_worker_exits_total{id=\"1\",cause=\"drained\"} 1\n");
  }

  @Test
  void shouldCallAStuckWorkerStuck() {
    tell("worker", 0, 100);
    tell("worker-stuck", 0, 100);
    exit(0, 100, "killed by SIGKILL");
    tell("worker", 0, 101);
    tell("worker-stuck", 0, 101);
    tell("worker-recovered", 0, 101);
    exit(0, 101, "killed by SIGKILL");

    assertThat(text())
        .contains("tine_worker_restarts_total{id=\"0\",cause=\"SIGKILL\"} 1\n")
        .contains("tine_worker_restarts_total{id=\"0\",cause=\"stuck\"} 1\n");
  }

  private void tell(String name, int id, int pid) {
    counters.accept(Event.of(name).with("id", id).with("pid", pid));
  }

  private void exit(int id, int pid, String status) {
    counters.accept(Event.of("worker-exit").with("id", id).with("pid", pid).with("status", status));
  }

  private String text() {
    var out = new Exposition();
    counters.writeTo(out);
    return out.toString();
  }
}
