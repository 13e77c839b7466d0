package dev.tine.process;

import java.util.Optional;

/** The loop of subprocesses that are not given another. */
final class SharedLoop {
  private static Optional<EventLoop> current = Optional.empty();

  private SharedLoop() {}

  static synchronized EventLoop get() {
    EventLoop loop =
        current.filter(l -> !l.isClosed()).orElseGet(() -> EventLoop.open("tine-process-loop"));
    current = Optional.of(loop);
    return loop;
  }

  static synchronized void close() {
    current.ifPresent(EventLoop::close);
    current = Optional.empty();
  }
}
