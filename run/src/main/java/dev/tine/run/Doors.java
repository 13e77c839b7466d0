package dev.tine.run;

import dev.tine.sys.ListenerCall;
import dev.tine.sys.Message;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SocketAddressBytes;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Hidden sockets for one worker, one for each real one: where it listens before it shall serve, and
 * after.
 */
final class Doors implements AutoCloseable {
  private final List<Door> doors;

  /**
   * One.
   *
   * @param borrowed what the program thinks it is
   * @param real the monitor's socket, which is not this object's
   * @param hidden another one, which is
   */
  private record Door(
      Listeners.Borrowed borrowed,
      OrderCall.Passed real,
      OrderCall.Passed hidden,
      SocketAddressBytes hiddenAddress) {}

  private Doors(List<Door> doors) {
    this.doors = doors;
  }

  /** Opens them. Throws {@link dev.tine.sys.SystemCallException}, and none is left. */
  static Doors open(
      List<Listeners.Borrowed> listening, List<OrderCall.Passed> real, RuntimeDirectory directory) {
    var doors = new Doors(new ArrayList<>());
    try {
      for (Listeners.Borrowed borrowed : listening) {
        for (OrderCall.Passed passed : real) {
          if (passed.inode() == borrowed.inode() && passed.device() == borrowed.device()) {
            doors.add(borrowed, passed.descriptor(), directory);
          }
        }
      }
      return doors;
    } catch (RuntimeException e) {
      doors.close();
      throw e;
    }
  }

  private void add(Listeners.Borrowed borrowed, int real, RuntimeDirectory directory) {
    ListenerCall.Hidden hidden =
        ListenerCall.hidden(borrowed.asked(), borrowed.flags(), directory.nextSocket().toString());
    doors.add(
        new Door(
            borrowed,
            Inodes.of(real, real),
            Inodes.of(hidden.descriptor(), hidden.descriptor()),
            hidden.address()));
  }

  /** What a worker gets in the places of the sockets of its mold, to begin hidden. */
  List<OrderCall.Passed> passed() {
    return doors.stream()
        .map(door ->
            new OrderCall.Passed(
                door.hidden.descriptor(), door.borrowed.device(), door.borrowed.inode()))
        .toList();
  }

  /** What is to be exchanged so that the worker listens at the real sockets. */
  List<OrderCall.Passed> toReal() {
    return doors.stream()
        .map(door ->
            new OrderCall.Passed(door.real.descriptor(), door.hidden.device(), door.hidden.inode()))
        .toList();
  }

  /** What is to be exchanged so that nobody reaches the worker any more. */
  List<OrderCall.Passed> toHidden() {
    return doors.stream()
        .map(door ->
            new OrderCall.Passed(door.hidden.descriptor(), door.real.device(), door.real.inode()))
        .toList();
  }

  /** Where requests reach a hidden worker alone; empty: it has no TCP port. */
  Optional<InetSocketAddress> http() {
    return doors.stream().flatMap(door -> door.hiddenAddress.inet().stream()).findFirst();
  }

  /** What a hidden worker listens at, as a mold that is made of it will know it. */
  List<Listeners.Borrowed> asListening() {
    return doors.stream()
        .map(door ->
            new Listeners.Borrowed(
                door.borrowed.asked(),
                door.borrowed.flags() & ~Message.BIND_OWN,
                door.hidden.device(),
                door.hidden.inode(),
                door.hiddenAddress))
        .toList();
  }

  /** The real ports of TCP. */
  static List<Integer> ports(List<Listeners.Borrowed> listening) {
    return listening.stream()
        .flatMap(one -> one.asked().inet().stream())
        .map(InetSocketAddress::getPort)
        .distinct()
        .toList();
  }

  /** Whoever listens at them has descriptors of its own. */
  @Override
  public void close() {
    for (Door door : doors) {
      Pidfd.close(door.hidden.descriptor());
      door.hiddenAddress.path().ifPresent(RuntimeDirectory::deleteQuietly);
    }
    doors.clear();
  }
}
