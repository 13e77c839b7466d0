package dev.tine.run;

import dev.tine.sys.ListenerCall;
import dev.tine.sys.Message;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SocketAddressBytes;
import dev.tine.sys.SystemCallException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The real listening sockets. They outlive every worker and every generation; what a program has
 * bound itself, nobody knows of.
 */
final class Listeners implements AutoCloseable {
  /** The kernel cuts it to its own limit, net.core.somaxconn. */
  private static final int BACKLOG = 4096;

  private final List<ListenFilter> wanted;
  private final Activation activation;
  private final Map<SocketAddressBytes, Listener> byAddress = new LinkedHashMap<>();

  /**
   * @param activation sockets that were opened for this monitor already
   */
  Listeners(List<ListenFilter> wanted, Activation activation) {
    this.wanted = wanted;
    this.activation = activation;
  }

  /** One real socket. */
  private static final class Listener {
    private final int fd;

    /** The program's own socket, until its options are taken over; -1: none. */
    private int like = -1;

    private int backlog;
    private boolean listens;

    Listener(int fd) {
      this.fd = fd;
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
      byAddress.put(
          address,
          new Listener(passed.isPresent() ? passed.getAsInt() : ListenerCall.open(address, flags)));
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
  void listen(SocketAddressBytes address) {
    Listener listener = byAddress.get(address);
    if (listener != null && !listener.listens) {
      ListenerCall.listen(listener.fd, listener.like, listener.backlog);
      listener.listens = true;
      listener.dropLike();
    }
  }

  /**
   * Opens the doors of an address that was closed since a generation has bound it. Throws {@link
   * SystemCallException}.
   */
  void reopen(Borrowed borrowed) {
    if (!byAddress.containsKey(borrowed.asked())) {
      open(borrowed.asked(), borrowed.flags());
      prepare(borrowed.asked(), -1, BACKLOG);
    }
    listen(borrowed.asked());
  }

  /** What a worker gets in the places of the sockets of its mold. */
  List<OrderCall.Passed> passed(List<Borrowed> borrowed) {
    List<OrderCall.Passed> passed = new ArrayList<>();
    for (Borrowed one : borrowed) {
      Listener listener = byAddress.get(one.asked());
      if (listener != null) {
        passed.add(new OrderCall.Passed(listener.fd, one.device(), one.inode()));
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
