package dev.tine.testkit;

import java.util.ArrayList;
import java.util.List;

/**
 * Values that one run of the code has drawn, and that no other run, in whatever process, may draw.
 */
public final class Records {

  /** A value by the name of what it is. */
  record Entry(String name, String value) {}

  private final List<Entry> entries = new ArrayList<>();

  Records() {}

  /**
   * Tells of a value that must not occur twice: an id, a token, a key, the name of a file.
   *
   * @param name what it is, such as "order id"
   * @param value compared by its text
   */
  public synchronized void unique(String name, Object value) {
    entries.add(new Entry(name, value.toString()));
  }

  synchronized List<Entry> entries() {
    return List.copyOf(entries);
  }
}
