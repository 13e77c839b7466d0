package dev.tine.prefork;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.Signal;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class JvmStopRequestsTest {
  private final Inbox inbox = new Inbox();
  private final JvmStopRequests requests = new JvmStopRequests(inbox);

  @Test
  void shouldPostASignalOnlyWhileListening() throws Exception {
    BlockingQueue<Signal> program = new LinkedBlockingQueue<>();
    var programHandlers = new TerminationSignals();
    programHandlers.take(program::add);
    try (requests) {
      requests.listen(() -> {});
      TerminationSignalsTest.raise(Signal.TERM);
      assertThat(inbox.take()).isEqualTo(new Event.StopRequested(Signal.TERM));

      requests.pause();
      TerminationSignalsTest.raise(Signal.TERM);
      assertThat(program.take()).isEqualTo(Signal.TERM);

      requests.listen(() -> {});
      TerminationSignalsTest.raise(Signal.INT);
      assertThat(inbox.take()).isEqualTo(new Event.StopRequested(Signal.INT));
    } finally {
      programHandlers.giveBack();
    }
  }

  @Test
  void shouldBeClosableTwiceAndBeforeItListened() {
    requests.close();
    requests.close();
  }
}
