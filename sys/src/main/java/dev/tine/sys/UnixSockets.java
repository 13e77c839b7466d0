package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The UNIX sockets of this network namespace, and which leads to which, by sock_diag(7): {@code
 * /proc/net/unix} does not tell.
 */
public final class UnixSockets {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle SOCKET =
      libc("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle SEND =
      libc("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle RECV =
      libc("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  private static final MethodHandle CLOSE =
      libc("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private static final int AF_UNIX = 1;
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int NETLINK_SOCK_DIAG = 4;
  private static final short SOCK_DIAG_BY_FAMILY = 20;
  private static final short REQUEST_DUMP = 0x301; // NLM_F_REQUEST | NLM_F_DUMP
  private static final int SHOW_PEER = 4;
  private static final int HEADER = 16; // sizeof(struct nlmsghdr)
  private static final int REQUEST = HEADER + 24; // with struct unix_diag_req
  private static final int MESSAGE = HEADER + 16; // with struct unix_diag_msg
  private static final int PEER = 2; // UNIX_DIAG_PEER
  private static final int SHUTDOWN = 6; // UNIX_DIAG_SHUTDOWN
  private static final int BOTH_WAYS = 3;
  private static final int BUFFER = 1 << 16;

  private UnixSockets() {}

  /**
   * One end.
   *
   * @param connected whether it has, or had, another end
   * @param peer inode of the other end, 32 bits; 0: there is none any more
   * @param hungUp whether nothing can be read or written any more
   */
  public record End(boolean connected, long peer, boolean hungUp) {}

  /** All ends by their inodes, of which the kernel tells 32 bits; empty: it may not be asked. */
  public static Optional<Map<Long, End>> all() {
    try (Arena arena = Arena.ofConfined()) {
      int fd = (int) SOCKET.invokeExact(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG);
      if (fd < 0) {
        return Optional.empty();
      }
      try {
        return dump(fd, arena);
      } finally {
        int ignored = (int) CLOSE.invokeExact(fd);
      }
    } catch (Throwable e) {
      throw new AssertionError("sock_diag(7) and its bindings disagree", e);
    }
  }

  private static Optional<Map<Long, End>> dump(int fd, Arena arena) throws Throwable {
    MemorySegment buffer = arena.allocate(BUFFER, 8);
    request(buffer.asByteBuffer().order(ByteOrder.nativeOrder()));
    if ((long) SEND.invokeExact(fd, buffer, (long) REQUEST, 0) != REQUEST) {
      return Optional.empty();
    }
    Map<Long, End> ends = new HashMap<>();
    for (long n; (n = (long) RECV.invokeExact(fd, buffer, (long) BUFFER, 0)) > 0; ) {
      ByteBuffer answer = buffer.asSlice(0, n).asByteBuffer().order(ByteOrder.nativeOrder());
      Progress progress = read(answer, ends);
      if (progress != Progress.MORE) {
        return progress == Progress.DONE ? Optional.of(ends) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** Whether there is more to come. */
  private enum Progress {
    MORE,
    DONE,
    FAILED
  }

  private static void request(ByteBuffer buffer) {
    buffer.putInt(REQUEST).putShort(SOCK_DIAG_BY_FAMILY).putShort(REQUEST_DUMP).putLong(0);
    buffer.putInt(AF_UNIX).putInt(~0).putInt(0).putInt(SHOW_PEER).putLong(~0L);
  }

  /** Reads the messages of one answer. */
  private static Progress read(ByteBuffer answer, Map<Long, End> ends) {
    for (int at = 0; at + HEADER <= answer.limit(); ) {
      int length = answer.getInt(at);
      if (answer.getShort(at + 4) != SOCK_DIAG_BY_FAMILY) {
        return answer.getShort(at + 4) == 3 /* NLMSG_DONE */ ? Progress.DONE : Progress.FAILED;
      }
      if (length < MESSAGE || at + length > answer.limit()) {
        return Progress.FAILED;
      }
      ends.put(Integer.toUnsignedLong(answer.getInt(at + HEADER + 4)), end(answer, at, length));
      at += align(length);
    }
    return Progress.MORE;
  }

  private static End end(ByteBuffer answer, int begin, int length) {
    boolean connected = false;
    long peer = 0;
    int shutdown = 0;
    for (int at = begin + MESSAGE; at + 4 < begin + length; ) {
      int size = Short.toUnsignedInt(answer.getShort(at));
      switch (answer.getShort(at + 2)) {
        case PEER -> {
          connected = true;
          peer = Integer.toUnsignedLong(answer.getInt(at + 4));
        }
        case SHUTDOWN -> shutdown = answer.get(at + 4);
        default -> {}
      }
      if (size < 4) {
        break; // would not advance
      }
      at += align(size);
    }
    return new End(connected, peer, shutdown == BOTH_WAYS);
  }

  private static int align(int length) {
    return (length + 3) & ~3;
  }

  private static MethodHandle libc(String name, FunctionDescriptor descriptor) {
    // Safety: the descriptors repeat the prototypes of socket(2), send(2) and recv(2).
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
  }
}
