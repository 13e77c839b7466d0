package dev.tine.run;

import dev.tine.fork.Signal;
import dev.tine.sys.SignalHandling;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Signals to the monitor: TERM and INT stop all, TTIN and TTOU make one worker more or fewer, HUP
 * reloads, WINCH is nothing. QUIT is left to the JVM, which prints its threads.
 */
final class MonitorSignals implements AutoCloseable {
  private final Map<String, Object> previous = new LinkedHashMap<>();

  MonitorSignals(RunMonitor monitor) {
    take("TERM", () -> monitor.post(() -> monitor.stopFor(Signal.TERM)));
    take("INT", () -> monitor.post(() -> monitor.stopFor(Signal.INT)));
    take("HUP", () -> monitor.post(() -> monitor.changes().reload(Optional.empty(), ended -> {})));
    take("TTIN", () -> monitor.post(() -> monitor.scale(monitor.wanted() + 1)));
    take("TTOU", () -> monitor.post(() -> monitor.scale(Math.max(1, monitor.wanted() - 1))));
    take("WINCH", () -> {});
  }

  private void take(String name, Runnable task) {
    try {
      previous.put(name, SignalHandling.handle(name, task));
    } catch (IllegalArgumentException e) {
      // -Xrs: the signal kills the monitor, and that its workers.
    }
  }

  @Override
  public void close() {
    previous.forEach(SignalHandling::restore);
  }
}
