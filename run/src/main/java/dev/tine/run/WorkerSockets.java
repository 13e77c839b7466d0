package dev.tine.run;

import dev.tine.sys.ListenerCall;
import dev.tine.sys.Message;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SocketAddressBytes;
import dev.tine.sys.SystemCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Sockets that listen at one address, one for each id of a worker: what waits in one is accepted by
 * the worker of this id, or its successor.
 *
 * <p>The kernel numbers them in the order in which they began to listen, and moves the last one
 * into the place of one that is closed. So none is closed before all are, and the number is the id.
 */
final class WorkerSockets implements AutoCloseable {
  private final SocketAddressBytes address;
  private final int flags;
  private final int backlog;
  private final List<Integer> fds = new ArrayList<>();

  /**
   * Makes the first of several of a socket that listens. Throws {@link SystemCallException}.
   *
   * @param first of the worker 0, not this object's
   */
  WorkerSockets(int first, SocketAddressBytes address, int flags, int backlog) {
    this.address = address;
    this.flags = flags | Message.BIND_REUSE_PORT;
    this.backlog = backlog;
    // Only now that it listens, alone: had it been shared before, the sockets of another monitor
    // could listen here as well, and neither would hear of the other.
    ListenerCall.share(first);
    fds.add(first);
  }

  /** Opens what is missing for so many ids. Throws {@link SystemCallException}. */
  void reach(int count) {
    while (fds.size() < count) {
      int fd = ListenerCall.open(address, flags);
      try {
        ListenerCall.listen(fd, fds.getFirst(), backlog);
      } catch (SystemCallException e) {
        Pidfd.close(fd);
        throw e;
      }
      fds.add(fd);
    }
  }

  int of(int id) {
    return fds.get(id);
  }

  /** Says who gets new connections. Throws {@link SystemCallException}. */
  void choose(NavigableSet<Integer> ids) {
    ListenerCall.choose(fds.getFirst(), table(ids));
  }

  /** All ids, as many as possible at the index that they are themselves. */
  static List<Integer> table(NavigableSet<Integer> ids) {
    NavigableSet<Integer> above = new TreeSet<>(ids.tailSet(ids.size()));
    List<Integer> table = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      Integer id = ids.contains(i) ? Integer.valueOf(i) : above.pollFirst();
      table.add(id);
    }
    return table;
  }

  /** How many connections wait for the worker of this id. */
  int waiting(int id) {
    return id < fds.size() ? ListenerCall.waiting(fds.get(id)) : 0;
  }

  /** Closes all but the first. */
  @Override
  public void close() {
    fds.stream().skip(1).forEach(Pidfd::close);
    fds.clear();
  }
}
