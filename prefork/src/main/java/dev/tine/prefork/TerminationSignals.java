package dev.tine.prefork;

import dev.tine.fork.Signal;
import dev.tine.sys.SignalHandling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** SIGTERM and SIGINT of this process, taken from whoever handled them and given back. */
final class TerminationSignals {
  private static final List<Signal> SIGNALS = List.of(Signal.TERM, Signal.INT);

  private final Map<Signal, Object> previous = new HashMap<>();

  /** Calls {@code receiver} on each signal, on a thread of the JVM's choice. */
  void take(Consumer<Signal> receiver) {
    for (Signal signal : SIGNALS) {
      try {
        previous.put(signal, SignalHandling.handle(signal.name(), () -> receiver.accept(signal)));
      } catch (IllegalArgumentException _) {
        // -Xrs: signals belong to the operating system, which kills the monitor, and that its
        // workers.
      }
    }
  }

  /** Restores the handlers that {@link #take} replaced. Idempotent. */
  void giveBack() {
    previous.forEach((signal, handler) -> SignalHandling.restore(signal.name(), handler));
    previous.clear();
  }
}
