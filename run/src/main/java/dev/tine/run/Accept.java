package dev.tine.run;

import java.util.Locale;

/** How workers get the connections to an address with a port. */
public enum Accept {
  /** {@link #SHARED} where a thread waits in accept, {@link #PER_WORKER} where it polls. */
  AUTO,
  /** All accept from one socket: whoever is free takes the next connection. */
  SHARED,
  /** Each has a socket of its own, and the kernel gives each the same share of connections. */
  PER_WORKER;

  /** Reads one as {@link #toString} writes it; throws {@link IllegalArgumentException}. */
  public static Accept parse(String text) {
    for (Accept accept : values()) {
      if (accept.toString().equals(text)) {
        return accept;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is not auto, shared or per-worker");
  }

  /** As on the command line: {@code per-worker}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
