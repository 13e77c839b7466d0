package dev.tine.run;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Tells what happens: to the console, and to all who have asked.
 *
 * <p>For the loop's thread.
 */
final class Events {
  private final Console console;
  private final List<Consumer<Event>> listeners = new CopyOnWriteArrayList<>();

  Events(Console console) {
    this.console = console;
  }

  /**
   * Hears every event from now on, on the loop. It must not throw, nor wait.
   *
   * @return ends that
   */
  Runnable listen(Consumer<Event> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  void tell(Event event) {
    console.say(event.line());
    event.details().forEach(line -> console.say("  " + line));
    listeners.forEach(listener -> listener.accept(event));
  }
}
