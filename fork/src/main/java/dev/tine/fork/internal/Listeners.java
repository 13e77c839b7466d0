package dev.tine.fork.internal;

import dev.tine.fork.ForkException;
import dev.tine.fork.ForkListener;
import dev.tine.fork.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** {@link ForkListener}s in the order in which they were registered. */
public final class Listeners {
  /** Those of this process. */
  public static final Listeners OF_PROCESS = new Listeners();

  /*
   * Replaced as a whole and never changed: a fork takes one list and calls no other, so that who heard of the fork before
   * it hears of it after it, and nobody else does, whoever comes or goes meanwhile.
   */
  private volatile List<Entry> entries = List.of();

  /** Compared by identity: a listener that is registered twice is called twice. */
  private static final class Entry {
    private final ForkListener listener;

    private Entry(ForkListener listener) {
      this.listener = listener;
    }
  }

  /** Appends one. */
  public Registration add(ForkListener listener) {
    var entry = new Entry(Objects.requireNonNull(listener, "listener"));
    synchronized (this) {
      List<Entry> more = new ArrayList<>(entries);
      more.add(entry);
      entries = List.copyOf(more);
    }
    return () -> remove(entry);
  }

  private synchronized void remove(Entry entry) {
    entries = entries.stream().filter(other -> other != entry).toList();
  }

  /**
   * Calls {@link ForkListener#beforeFork} of all, the last one first.
   *
   * @return those to be told how it went
   * @throws ForkException if one of them fails; the others have been told that nothing happens
   */
  Round begin() {
    List<Entry> all = entries;
    for (int i = all.size() - 1; i >= 0; i--) {
      ForkListener listener = all.get(i).listener;
      try {
        listener.beforeFork();
      } catch (Throwable e) {
        new Round(all.subList(i + 1, all.size())).inParent();
        throw new ForkException(
            "cannot fork: the listener %s failed in beforeFork (%s). Nothing was forked; correct the cause, or close its registration"
                .formatted(listener.getClass().getName(), e),
            e);
      }
    }
    return new Round(all);
  }

  /** The listeners of one fork. */
  static final class Round {
    private final List<Entry> entries;

    private Round(List<Entry> entries) {
      this.entries = entries;
    }

    /**
     * The fork is over. One call in both processes: what only a child calls, each child would have
     * to link.
     *
     * @param pid 0 in the child
     */
    void after(int pid) {
      if (entries.isEmpty()) {
        return;
      }
      if (pid == 0) {
        inChild();
      } else {
        inParent();
      }
    }

    /** The fork has been made, has failed, or was cancelled. */
    void inParent() {
      for (Entry entry : entries) {
        try {
          entry.listener.inParent();
        } catch (Throwable e) {
          log(entry.listener, "inParent", e);
        }
      }
    }

    /** This is the child. */
    void inChild() {
      for (Entry entry : entries) {
        try {
          entry.listener.inChild();
        } catch (Throwable e) {
          log(entry.listener, "inChild", e);
        }
      }
    }

    /* Logged and not thrown: there is a child, and a caller who got an exception would take it that there is none. */
    private static void log(ForkListener listener, String method, Throwable e) {
      System.getLogger("dev.tine.fork")
          .log(
              System.Logger.Level.ERROR,
              "the listener " + listener.getClass().getName() + " failed in " + method,
              e);
    }
  }
}
