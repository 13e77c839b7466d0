package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** The TCP sockets of this machine, as {@code ss} shows them. */
public final class ConnectionCall {
  private static final MethodHandle LIST =
      Libtine.function(
          "tine_connections",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));

  private static final int AF_INET = 2;
  private static final int LISTEN = 10;

  private ConnectionCall() {}

  /**
   * A socket, {@code struct tine_connection}.
   *
   * @param listens else it is connected
   * @param unread bytes; listening: connections that wait to be accepted
   * @param unsent bytes that the peer has not confirmed
   * @param sinceReceived since the last byte came, or if none ever has, since it was connected
   * @param sinceSent likewise
   * @param hasSent whether a byte was ever sent
   * @param received bytes
   * @param inode 0: it waits to be accepted
   * @param remote {@code host:port}
   */
  public record Socket(
      boolean listens,
      int localPort,
      long unread,
      long unsent,
      Duration sinceReceived,
      Duration sinceSent,
      boolean hasSent,
      long received,
      long inode,
      String remote) {}

  /** Those with one of these local ports. Throws {@link SystemCallException}. */
  public static List<Socket> list(Collection<Integer> ports) {
    for (int room = 256; ; ) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment wanted = arena.allocate(JAVA_SHORT, Math.max(1, ports.size()));
        int i = 0;
        for (int port : ports) {
          wanted.setAtIndex(JAVA_SHORT, i++, (short) port);
        }
        MemorySegment list = arena.allocate(Layouts.CONNECTION, room);
        int count = (int) LIST.invokeExact(wanted, ports.size(), list, room);
        SystemCallException.check("list of connections", count);
        if (count <= room) {
          return read(list, count);
        }
        room = 2 * count; // more may come meanwhile
      } catch (SystemCallException e) {
        throw e;
      } catch (Throwable e) {
        throw Libtine.broken(e);
      }
    }
  }

  private static List<Socket> read(MemorySegment list, int count) {
    List<Socket> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(read(list.asSlice(i * Layouts.CONNECTION.byteSize(), Layouts.CONNECTION)));
    }
    return all;
  }

  private static Socket read(MemorySegment one) {
    byte[] host = one.asSlice(offset("remote"), Layouts.REMOTE_MAX).toArray(JAVA_BYTE);
    return new Socket(
        number(one, "state") == LISTEN,
        number(one, "local_port"),
        Integer.toUnsignedLong(number(one, "unread")),
        Integer.toUnsignedLong(number(one, "unsent")),
        Duration.ofMillis(Integer.toUnsignedLong(number(one, "received_ms"))),
        Duration.ofMillis(Integer.toUnsignedLong(number(one, "sent_ms"))),
        number(one, "has_sent") != 0,
        one.get(JAVA_LONG, offset("received")),
        one.get(JAVA_LONG, offset("inode")),
        name(number(one, "family") == AF_INET ? Arrays.copyOf(host, 4) : host)
            + ":"
            + number(one, "remote_port"));
  }

  private static String name(byte[] host) {
    try {
      String name = InetAddress.getByAddress(host).getHostAddress();
      return name.contains(":") ? "[" + name + "]" : name;
    } catch (UnknownHostException e) {
      throw new AssertionError("of the right length", e);
    }
  }

  private static int number(MemorySegment one, String field) {
    return one.get(JAVA_INT, offset(field));
  }

  private static long offset(String field) {
    return Layouts.offset(Layouts.CONNECTION, field);
  }
}
