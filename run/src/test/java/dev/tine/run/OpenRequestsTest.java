package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.sys.ConnectionCall;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenRequestsTest {
  private static ConnectionCall.Socket socket(
      long inode, long unread, long unsent, int receivedMs, int sentMs, boolean sent, long bytes) {
    return new ConnectionCall.Socket(
        false,
        80,
        unread,
        unsent,
        Duration.ofMillis(receivedMs),
        Duration.ofMillis(sentMs),
        sent,
        bytes,
        inode,
        "127.0.0.1:1");
  }

  private static ConnectionCall.Socket asked(long inode) {
    return socket(inode, 0, 0, 100, 5000, true, 10);
  }

  private static ConnectionCall.Socket answered(long inode) {
    return socket(inode, 0, 0, 100, 50, true, 10);
  }

  @Test
  void shouldTakeAConnectionWhosePeerHasSpokenLastForARequest() {
    assertThat(OpenRequests.isOpen(asked(1))).isTrue();
    assertThat(OpenRequests.isOpen(answered(1))).isFalse();
  }

  @Test
  void shouldKnowTheFirstRequestThoughItCameAtOnce() {
    assertThat(OpenRequests.isOpen(socket(1, 0, 0, 900, 900, false, 10))).isTrue();
  }

  @Test
  void shouldKnowAnAnswerThatWasGivenAtOnce() {
    assertThat(OpenRequests.isOpen(socket(1, 0, 0, 900, 900, true, 10))).isFalse();
  }

  @Test
  void shouldTakeBytesThatWaitForARequest() {
    assertThat(OpenRequests.isOpen(socket(1, 1, 0, 100, 50, true, 10))).isTrue();
    assertThat(OpenRequests.isOpen(socket(1, 0, 1, 100, 50, true, 10))).isTrue();
  }

  @Test
  void shouldWaitAMomentForOneWhoHasJustCome() {
    assertThat(OpenRequests.isOpen(socket(1, 0, 0, 900, 900, false, 0))).isTrue();
    assertThat(OpenRequests.isOpen(socket(1, 0, 0, 1000, 1000, false, 0))).isFalse();
  }

  @Test
  void shouldCountTheFirstOnesUntilEachWasSeenIdleOrIsGone() {
    var requests = new OpenRequests();

    assertThat(requests.look(List.of(asked(1), asked(2), answered(3))))
        .isEqualTo(new OpenRequests.Count(2, 2));
    assertThat(requests.look(List.of(answered(1), asked(2), asked(3))))
        .isEqualTo(new OpenRequests.Count(2, 1));
    assertThat(requests.look(List.of(asked(1), asked(3)))).isEqualTo(new OpenRequests.Count(2, 0));
    assertThat(requests.look(List.of())).isEqualTo(new OpenRequests.Count(0, 0));
  }
}
