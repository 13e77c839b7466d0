package dev.tine.run.watch;

import dev.tine.run.Event;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** The last events, without their details: those may show what a program has printed. */
public final class EventLog implements Consumer<Event> {
  private static final int KEPT = 200;

  private final Deque<Entry> entries = new ArrayDeque<>();
  private long number;

  /**
   * One.
   *
   * @param number counts up
   */
  record Entry(long number, Event event) {}

  /** Remembers nothing yet. */
  public EventLog() {}

  @Override
  public synchronized void accept(Event event) {
    entries.addLast(new Entry(++number, event));
    if (entries.size() > KEPT) {
      entries.removeFirst();
    }
  }

  synchronized List<Entry> entries() {
    return List.copyOf(entries);
  }
}
