package dev.tine.prefork;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.Signal;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class TerminationSignalsTest {
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

  @Test
  void shouldReceiveSignalsUntilTheyAreGivenBack() throws Exception {
    var outer = new TerminationSignals();
    var inner = new TerminationSignals();
    outer.take(signal -> received.add("outer " + signal));
    try {
      inner.take(signal -> received.add("inner " + signal));
      raise(Signal.TERM);
      assertThat(received.poll(10, SECONDS)).isEqualTo("inner SIGTERM");

      inner.giveBack();
      raise(Signal.TERM);
      assertThat(received.poll(10, SECONDS)).isEqualTo("outer SIGTERM");
    } finally {
      outer.giveBack();
    }
  }

  static void raise(Signal signal) throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Signal");
    Object named = type.getConstructor(String.class).newInstance(signal.name());
    type.getMethod("raise", type).invoke(null, named);
  }
}
