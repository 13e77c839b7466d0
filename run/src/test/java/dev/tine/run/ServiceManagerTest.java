package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.sys.Errno;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class ServiceManagerTest {
  private final List<String> sent = new ArrayList<>();
  private final Queue<Runnable> timers = new ArrayDeque<>();
  private final List<Duration> times = new ArrayList<>();
  private int result;
  private int workers = 2;
  private final ServiceManager manager =
      new ServiceManager(
          text -> {
            if (result == 0) {
              sent.add(text);
            }
            return result;
          },
          (time, task) -> {
            times.add(time);
            timers.add(task);
          },
          this::status,
          () -> 5_000_000,
          Optional.of(Duration.ofSeconds(8)));

  private Status status() {
    List<Status.Member> processes = new ArrayList<>();
    for (int id = 0; id < workers; id++) {
      processes.add(new Status.Member("worker", 100 + id, id, 1, Instant.EPOCH, 0));
    }
    return new Status("test", "serving", 1, 2, List.of(), processes);
  }

  @Test
  void shouldTellWhatAServiceDoes() {
    manager.accept(Event.of("booting"));
    manager.accept(Event.of("serving"));
    manager.accept(Event.of("reload"));
    manager.accept(Event.of("rollback-failed").with("id", 1)); // of one worker
    manager.accept(Event.of("reload-failed"));
    workers = 1;
    manager.accept(Event.of("worker-exit"));
    manager.accept(Event.of("worker-backoff"));
    manager.accept(Event.of("stopping"));
    manager.accept(Event.of("worker-exit"));

    String two = "STATUS=2 of 2 workers serve, generation 1";
    assertThat(sent)
        .containsExactly(
            "READY=1\n" + two,
            "RELOADING=1\nMONOTONIC_USEC=5000\n" + two,
            "READY=1\n" + two,
            "STATUS=1 of 2 workers serve, generation 1",
            "STOPPING=1\nSTATUS=stopping");
  }

  @Test
  void shouldSayThatItIsWellOnlyWithAWorker() {
    manager.start();
    assertThat(sent).containsExactly("WATCHDOG=1"); // it boots
    manager.accept(Event.of("serving"));
    sent.clear();
    timers.remove().run();
    assertThat(sent).containsExactly("WATCHDOG=1");
    workers = 0;
    timers.remove().run();
    assertThat(sent).containsExactly("WATCHDOG=1");
    workers = 1;
    timers.remove().run();
    assertThat(sent).containsExactly("WATCHDOG=1", "WATCHDOG=1");
    assertThat(times).containsOnly(Duration.ofSeconds(2));
  }

  @Test
  void shouldNotBeWellWhileAllWorkersAreStuck() {
    manager.accept(Event.of("serving"));
    manager.accept(Event.of("worker-stuck").with("pid", 100).with("action", "replace"));
    sent.clear();
    manager.start();
    assertThat(sent).containsExactly("WATCHDOG=1"); // the other one serves
    manager.accept(Event.of("worker-stuck").with("pid", 101).with("action", "replace"));
    timers.remove().run();
    assertThat(sent).hasSize(1);
    manager.accept(Event.of("worker-recovered").with("id", 1).with("pid", 101));
    timers.remove().run();
    assertThat(sent).hasSize(2);
  }

  @Test
  void shouldNotLoseAMessageThatThereIsNoRoomForNow() {
    result = -Errno.EAGAIN;
    manager.accept(Event.of("serving"));
    manager.accept(Event.of("reload"));
    assertThat(timers).hasSize(1);
    timers.remove().run();
    result = 0;
    timers.remove().run();
    assertThat(sent).hasSize(2).first().asString().startsWith("READY=1");
    assertThat(timers).isEmpty();
  }

  @Test
  void shouldGoOnWithoutAnyoneWhoListens() {
    result = -Errno.EACCES;
    manager.accept(Event.of("serving"));
    assertThat(timers).isEmpty();
  }
}
