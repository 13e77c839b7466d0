package dev.tine.run;

import dev.tine.sys.Errno;
import dev.tine.sys.FileCall;
import dev.tine.sys.ListenerCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SocketAddressBytes;
import dev.tine.sys.SystemCallException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Listening sockets that a service manager has opened and passed to the monitor, as {@code
 * sd_listen_fds(3)} describes: they take connections also while no monitor runs.
 *
 * <p>For the loop's thread.
 */
final class Activation {
  private static final int FIRST = 3;

  private final List<Passed> passed;
  private final Set<Passed> taken = new HashSet<>();

  private record Passed(int fd, String name, SocketAddressBytes address) {}

  private Activation(List<Passed> passed) {
    this.passed = passed;
  }

  /** None. */
  static Activation none() {
    return new Activation(List.of());
  }

  /**
   * Those that this process was started with.
   *
   * @throws RunFailedException if one is no listening socket
   */
  static Activation of(Map<String, String> environment) {
    // Of a parent's, if it is another pid: passed on by mistake.
    if (!Integer.toString(Pidfd.self()).equals(environment.get("LISTEN_PID"))) {
      return none();
    }
    int count = number(environment.getOrDefault("LISTEN_FDS", "0"));
    String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
    List<Passed> passed = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = i < names.length ? names[i] : "";
      try {
        passed.add(new Passed(FIRST + i, name, ListenerCall.passed(FIRST + i)));
      } catch (SystemCallException e) {
        throw new RunFailedException(
            "descriptor %d%s, passed by LISTEN_FDS=%d, is no stream socket: %s; in the .socket unit use"
                    .formatted(
                        FIRST + i,
                        name.isEmpty() ? "" : " (" + name + ")",
                        count,
                        Errno.text(e.errno()))
                + " ListenStream= only, with Accept=no");
      }
    }
    return new Activation(passed);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new RunFailedException("LISTEN_FDS is no number: " + text);
    }
  }

  /** A descriptor for an address, the caller's to close, if a socket for it was passed. */
  OptionalInt take(SocketAddressBytes address) {
    Optional<Passed> found = find(address);
    if (found.isEmpty()) {
      return OptionalInt.empty();
    }
    int fd = FileCall.duplicate(found.get().fd);
    if (fd < 0) {
      throw new RunFailedException(
          "cannot take the socket passed for %s: %s".formatted(address, Errno.text(-fd)));
    }
    taken.add(found.get());
    return OptionalInt.of(fd);
  }

  /** Whether the socket at an address is the service manager's. */
  boolean has(SocketAddressBytes address) {
    return find(address).isPresent();
  }

  private Optional<Passed> find(SocketAddressBytes address) {
    return passed.stream()
        .filter(one -> one.address.equals(address))
        .findFirst()
        .or(() -> passed.stream().filter(one -> isSame(one.address, address)).findFirst());
  }

  /**
   * Sockets of IPv4 and of both families are told apart by their bytes, but not by who connects:
   * 127.0.0.1 may be ::ffff:127.0.0.1, and either wildcard takes the port.
   */
  private static boolean isSame(SocketAddressBytes one, SocketAddressBytes other) {
    Optional<InetSocketAddress> first = one.inet();
    Optional<InetSocketAddress> second = other.inet();
    return first.isPresent()
        && second.isPresent()
        && (first.equals(second)
            || (first.get().getPort() == second.get().getPort()
                && first.get().getAddress().isAnyLocalAddress()
                && second.get().getAddress().isAnyLocalAddress()));
  }

  /** Those that the program has not asked for: {@code NAME ADDRESS}. */
  List<String> unused() {
    return passed.stream()
        .filter(one -> !taken.contains(one))
        .map(one -> (one.name + " " + one.address).strip())
        .toList();
  }
}
