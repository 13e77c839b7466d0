package dev.tine.run;

import dev.tine.sys.ConnectionCall;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which connections of a worker have a request that is not answered yet, as far as that can be seen
 * from outside: the peer has spoken last, or bytes wait in either direction, or it has just come
 * and said nothing.
 *
 * <p>Pure: what there is is handed in.
 */
final class OpenRequests {
  /** A client that has connected is about to ask. */
  private static final Duration FRESH = Duration.ofSeconds(1);

  /** Those that were there when it began, and have not been seen idle since. */
  private final Set<Long> first = new HashSet<>();

  private boolean hasBegun;

  /** Whether a connection has one. */
  static boolean isOpen(ConnectionCall.Socket socket) {
    if (socket.unread() > 0 || socket.unsent() > 0) {
      return true;
    }
    if (socket.received() == 0) {
      return socket.sinceReceived().compareTo(FRESH) < 0;
    }
    // The kernel's clock has ticks of some milliseconds. In one tick with the beginning of a
    // connection a request comes; in one tick with a request its answer goes.
    return !socket.hasSent() || socket.sinceReceived().compareTo(socket.sinceSent()) < 0;
  }

  /**
   * What is known by now.
   *
   * @param open how many have a request now
   * @param left how many have one that was there at the first look
   */
  record Count(int open, int left) {}

  /** Looks at all connections of the worker. */
  Count look(List<ConnectionCall.Socket> connections) {
    Set<Long> now = new HashSet<>();
    for (ConnectionCall.Socket socket : connections) {
      if (isOpen(socket)) {
        now.add(socket.inode());
      }
    }
    if (!hasBegun) {
      hasBegun = true;
      first.addAll(now);
    }
    first.retainAll(now);
    return new Count(now.size(), first.size());
  }
}
