package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** Listening sockets that a monitor owns. */
public final class ListenerCall {
  private static final MethodHandle OPEN =
      Libtine.function(
          "tine_listener_open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle LISTEN =
      Libtine.function(
          "tine_listener_listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

  private static final MethodHandle HIDE =
      Libtine.function(
          "tine_listener_hidden",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle SHARE =
      Libtine.function("tine_listener_share", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle CHOOSE =
      Libtine.function(
          "tine_listener_choose", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle IS_POLLED =
      Libtine.function("tine_listener_is_polled", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle WAITING =
      Libtine.function("tine_listener_waiting", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private static final MethodHandle PASSED =
      Libtine.function(
          "tine_listener_passed", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

  private ListenerCall() {}

  /**
   * A socket that listens where nobody looks for it.
   *
   * @param descriptor the caller's to close
   */
  public record Hidden(int descriptor, SocketAddressBytes address) {}

  /**
   * Listens at a free port of the loopback device, as a socket bound to {@code like} would; or at
   * {@code path}, if that is one with a path. Throws {@link SystemCallException}.
   *
   * @param flags of a {@link Message.Type#BIND}
   */
  public static Hidden hidden(SocketAddressBytes like, int flags, String path) {
    try (Arena arena = Arena.ofConfined()) {
      SocketAddressBytes from = like.path().isPresent() ? SocketAddressBytes.ofPath(path) : like;
      MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, from.bytes());
      MemorySegment address = arena.allocate(Layouts.ADDRESS_MAX);
      MemorySegment length = arena.allocate(JAVA_INT);
      int fd =
          SystemCallException.check(
              "listen at a private address",
              (int) HIDE.invokeExact(bytes, from.length(), flags, address, length));
      byte[] given = address.asSlice(0, length.get(JAVA_INT, 0)).toArray(JAVA_BYTE);
      return new Hidden(fd, new SocketAddressBytes(given));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * The address of a stream socket that this process was started with; programs that it starts do
   * not get it. Throws {@link SystemCallException}.
   */
  public static SocketAddressBytes passed(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(Layouts.ADDRESS_MAX);
      MemorySegment length = arena.allocate(JAVA_INT);
      SystemCallException.check("getsockname", (int) PASSED.invokeExact(fd, address, length));
      return new SocketAddressBytes(address.asSlice(0, length.get(JAVA_INT, 0)).toArray(JAVA_BYTE));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * Opens a socket and binds it, as the flags of a {@link Message.Type#BIND} say; it does not
   * listen yet. Throws {@link SystemCallException}.
   */
  public static int open(SocketAddressBytes address, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, address.bytes());
      return SystemCallException.check(
          "bind", (int) OPEN.invokeExact(bytes, address.length(), flags));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * {@code listen(fd, backlog)}, with the options that accepted connections have of {@code like}.
   * Throws {@link SystemCallException}.
   *
   * @param like -1: none
   */
  public static void listen(int fd, int like, int backlog) {
    try {
      SystemCallException.check("listen", (int) LISTEN.invokeExact(fd, like, backlog));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * Lets other sockets of this user listen beside one that listens already, if they are opened with
   * {@link Message#BIND_REUSE_PORT}. Throws {@link SystemCallException}.
   */
  public static void share(int fd) {
    try {
      SystemCallException.check("setsockopt SO_REUSEPORT", (int) SHARE.invokeExact(fd));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * Says which of the sockets that listen at one address get new connections, with the same chance
   * each. Throws {@link SystemCallException}.
   *
   * @param fd one of them
   * @param indices in the order in which they began to listen; at least one
   */
  public static void choose(int fd, List<Integer> indices) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate(JAVA_SHORT, indices.size());
      for (int i = 0; i < indices.size(); i++) {
        table.setAtIndex(JAVA_SHORT, i, indices.get(i).shortValue());
      }
      SystemCallException.check(
          "setsockopt SO_ATTACH_REUSEPORT_CBPF",
          (int) CHOOSE.invokeExact(fd, table, indices.size()));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** Whether a socket was set not to block. Throws {@link SystemCallException}. */
  public static boolean isPolled(int fd) {
    try {
      return SystemCallException.check("fcntl F_GETFL", (int) IS_POLLED.invokeExact(fd)) != 0;
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /** How many connections wait to be accepted. Throws {@link SystemCallException}. */
  public static int waiting(int fd) {
    try {
      return SystemCallException.check("getsockopt TCP_INFO", (int) WAITING.invokeExact(fd));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }
}
