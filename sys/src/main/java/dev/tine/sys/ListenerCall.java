package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Listening sockets that a monitor owns. */
public final class ListenerCall {
  private static final MethodHandle OPEN =
      Libtine.function(
          "tine_listener_open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle LISTEN =
      Libtine.function(
          "tine_listener_listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

  private ListenerCall() {}

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
}
