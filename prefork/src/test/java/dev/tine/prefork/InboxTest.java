package dev.tine.prefork;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class InboxTest {
  private final Inbox inbox = new Inbox();

  @Test
  void shouldReturnPostedEventsInOrder() throws InterruptedException {
    inbox.post(new Event.Started());
    inbox.post(new Event.Interrupted());

    assertThat(inbox.take()).isEqualTo(new Event.Started());
    assertThat(inbox.take()).isEqualTo(new Event.Interrupted());
  }

  @Test
  void shouldPreferPostedEventsToScheduledOnesThatAreDue() throws InterruptedException {
    inbox.postAfter(Duration.ZERO, new Event.GraceOver());
    inbox.post(new Event.Started());

    assertThat(inbox.take()).isEqualTo(new Event.Started());
    assertThat(inbox.take()).isEqualTo(new Event.GraceOver());
  }

  @Test
  void shouldReturnScheduledEventsByTheirTime() throws InterruptedException {
    inbox.postAfter(Duration.ofMillis(2), new Event.GraceOver());
    inbox.postAfter(Duration.ofMillis(1), new Event.RepeatWindowOver());

    assertThat(inbox.take()).isEqualTo(new Event.RepeatWindowOver());
    assertThat(inbox.take()).isEqualTo(new Event.GraceOver());
  }

  @Test
  void shouldWakeUpForAnEventPostedBeforeTheNextScheduledOne() throws InterruptedException {
    inbox.postAfter(Duration.ofHours(1), new Event.GraceOver());
    Thread poster = Thread.ofPlatform().start(() -> inbox.post(new Event.JvmShutdown()));

    assertThat(inbox.take()).isEqualTo(new Event.JvmShutdown());
    poster.join();
  }
}
