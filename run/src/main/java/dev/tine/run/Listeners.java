package dev.tine.run;

import dev.tine.sys.ListenerCall;
import dev.tine.sys.Message;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SocketAddressBytes;
import dev.tine.sys.SystemCallException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The real listening sockets. They outlive every worker and every generation; what a program has
 * bound itself, nobody knows of.
 */
final class Listeners implements AutoCloseable {
  /** The kernel cuts it to its own limit, net.core.somaxconn. */
  private static final int BACKLOG = 4096;

  private final List<ListenFilter> wanted;
  private final Accept accept;
  private final Activation activation;
  private final Map<SocketAddressBytes, Listener> byAddress = new LinkedHashMap<>();

  /** Addresses at which threads of the program poll, also when they are closed for a time. */
  private final Set<SocketAddressBytes> polled = new HashSet<>();

  private int workers;

  /**
   * @param workers how many there are to be
   * @param activation sockets that were opened for this monitor already
   */
  Listeners(List<ListenFilter> wanted, Accept accept, int workers, Activation activation) {
    this.wanted = wanted;
    this.accept = accept;
    this.workers = workers;
    this.activation = activation;
  }

  /** One real socket. */
  private static final class Listener {
    private final int fd;
    private final int flags;

    /** With {@link Accept#PER_WORKER}, once it listens. */
    private Optional<WorkerSockets> sockets = Optional.empty();

    /** The program's own socket, until its options are taken over; -1: none. */
    private int like = -1;

    private int backlog;
    private boolean listens;

    Listener(int fd, int flags) {
      this.fd = fd;
      this.flags = flags;
    }

    int of(int id) {
      return sockets.map(its -> its.of(id)).orElse(fd);
    }

    void dropLike() {
      if (like >= 0) {
        Pidfd.close(like);
        like = -1;
      }
    }
  }

  /**
   * What a generation of the program has bound.
   *
   * @param asked what it thinks it listens on
   * @param flags of the message
   * @param reachable where it really does; empty until then
   */
  record Borrowed(
      SocketAddressBytes asked, int flags, long device, long inode, SocketAddressBytes reachable) {
    boolean listens() {
      return !reachable.equals(SocketAddressBytes.EMPTY);
    }
  }

  /** Whether the monitor is to own this address. */
  boolean isWanted(SocketAddressBytes address) {
    return wanted.isEmpty() || wanted.stream().anyMatch(filter -> filter.matches(address));
  }

  /**
   * Opens an address, unless it is open already. Throws {@link SystemCallException}: it is another
   * program's, or not allowed.
   *
   * @param flags of the message
   */
  void open(SocketAddressBytes address, int flags) {
    if (!byAddress.containsKey(address)) {
      OptionalInt passed = activation.take(address);
      int fd = passed.isPresent() ? passed.getAsInt() : ListenerCall.open(address, flags);
      byAddress.put(address, new Listener(fd, flags));
    }
  }

  /**
   * The program listens.
   *
   * @param like its own socket, from now on this object's; -1: none
   */
  void prepare(SocketAddressBytes address, int like, int backlog) {
    Listener listener = byAddress.get(address);
    if (listener == null || listener.listens) {
      if (like >= 0) {
        Pidfd.close(like);
      }
      return;
    }
    listener.dropLike();
    listener.like = like;
    listener.backlog = backlog;
  }

  /** Opens the doors: from now on there are workers. Throws {@link SystemCallException}. */
  private boolean listen(SocketAddressBytes address) {
    Listener listener = byAddress.get(address);
    if (listener == null || listener.listens) {
      return false;
    }
    ListenerCall.listen(listener.fd, listener.like, listener.backlog);
    listener.listens = true;
    if (listener.like >= 0 && ListenerCall.isPolled(listener.like)) {
      polled.add(address);
    } else if (listener.like >= 0) {
      polled.remove(address);
    } // else it is opened again for a generation that is gone back to, and was asked before
    listener.dropLike();
    if (acceptAt(address, listener.flags, polled.contains(address)) == Accept.PER_WORKER) {
      listener.sockets = openFor(address, listener);
    }
    return true;
  }

  /**
   * Opens the doors of an address, which may have been closed since a generation has bound it.
   * Throws {@link SystemCallException}.
   *
   * @return whether they were not open
   */
  boolean reopen(Borrowed borrowed) {
    if (!byAddress.containsKey(borrowed.asked())) {
      open(borrowed.asked(), borrowed.flags());
      prepare(borrowed.asked(), -1, BACKLOG);
    }
    return listen(borrowed.asked());
  }

  /** One for each worker; empty: with {@link Accept#AUTO}, if that is not possible here. */
  private Optional<WorkerSockets> openFor(SocketAddressBytes address, Listener listener) {
    var sockets = new WorkerSockets(listener.fd, address, listener.flags, listener.backlog);
    try {
      sockets.reach(workers);
      // Also to see that it can be said at all: a sandbox may forbid it.
      sockets.choose(
          IntStream.range(0, workers).boxed().collect(Collectors.toCollection(TreeSet::new)));
      return Optional.of(sockets);
    } catch (SystemCallException e) {
      sockets.close();
      if (accept == Accept.PER_WORKER) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /**
   * What {@link #accept} means for an address. A UNIX socket cannot have siblings. One that the
   * program itself shares with other programs, or was given, keeps what it has: they would get from
   * each other's workers what the choice is to be between.
   */
  private Accept acceptAt(SocketAddressBytes address, int flags, boolean isPolled) {
    boolean canHave =
        address.inet().isPresent()
            && (flags & Message.BIND_REUSE_PORT) == 0
            && !activation.has(address);
    boolean isWished = accept == Accept.PER_WORKER || (accept == Accept.AUTO && isPolled);
    return canHave && isWished ? Accept.PER_WORKER : Accept.SHARED;
  }

  /** How workers get the connections to an address that is open. */
  Accept acceptAt(SocketAddressBytes address) {
    Listener listener = byAddress.get(address);
    return listener != null && listener.sockets.isPresent() ? Accept.PER_WORKER : Accept.SHARED;
  }

  /** Opens what so many workers need. Throws {@link SystemCallException}. */
  void reach(int count) {
    perWorker().forEach(sockets -> sockets.reach(count));
    workers = Math.max(workers, count);
  }

  /** How many workers there are sockets for. */
  int reach() {
    return workers;
  }

  /** Says which workers get new connections. With none, they wait for whoever had them last. */
  void serve(Collection<Integer> ids) {
    if (ids.isEmpty()) {
      return;
    }
    try {
      perWorker().forEach(sockets -> sockets.choose(new TreeSet<>(ids)));
    } catch (SystemCallException e) {
      // No memory for it, and the last choice stays: what comes to the socket of one that has gone
      // waits for its successor.
    }
  }

  /** How many connections wait for this worker alone. Throws {@link SystemCallException}. */
  int waiting(int id) {
    return perWorker().mapToInt(sockets -> sockets.waiting(id)).sum();
  }

  private Stream<WorkerSockets> perWorker() {
    return byAddress.values().stream().flatMap(listener -> listener.sockets.stream());
  }

  /**
   * What a worker gets in the places of the sockets of its mold.
   *
   * @param id of the worker, or of the one that it succeeds
   */
  List<OrderCall.Passed> passed(List<Borrowed> borrowed, int id) {
    List<OrderCall.Passed> passed = new ArrayList<>();
    for (Borrowed one : borrowed) {
      Listener listener = byAddress.get(one.asked());
      if (listener != null) {
        passed.add(new OrderCall.Passed(listener.of(id), one.device(), one.inode()));
      }
    }
    return passed;
  }

  /** The addresses at which workers are reached. */
  List<SocketAddressBytes> listening() {
    List<SocketAddressBytes> open = new ArrayList<>();
    byAddress.forEach((address, listener) -> {
      if (listener.listens) {
        open.add(address);
      }
    });
    return open;
  }

  /** Closes what no generation has bound. */
  void keepOnly(Set<SocketAddressBytes> addresses) {
    byAddress
        .entrySet()
        .removeIf(entry -> {
          boolean isUnused = !addresses.contains(entry.getKey());
          if (isUnused) {
            close(entry.getKey(), entry.getValue());
          }
          return isUnused;
        });
  }

  private void close(SocketAddressBytes address, Listener listener) {
    listener.dropLike();
    listener.sockets.ifPresent(WorkerSockets::close);
    Pidfd.close(listener.fd);
    if (!activation.has(address)) { // who has opened it goes on to listen there
      address.path().ifPresent(RuntimeDirectory::deleteQuietly);
    }
  }

  @Override
  public void close() {
    keepOnly(Set.of());
  }

  /** The answer to a program that wants an address of its own. */
  static Message refusal(SystemCallException e) {
    return Message.of(Message.Type.RESULT, e.errno(), SocketAddressBytes.EMPTY, "");
  }
}
