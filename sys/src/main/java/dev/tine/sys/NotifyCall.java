package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Messages to a service manager, as {@code sd_notify(3)} sends them. */
public final class NotifyCall {
  private static final MethodHandle NOTIFY =
      Libtine.function(
          "tine_notify", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));

  private NotifyCall() {}

  /**
   * Sends one, without waiting: 0 or {@code -errno}; {@code -EAGAIN}: there is no room for it now.
   *
   * @param socket its path, or {@code @} and its abstract name
   */
  public static int send(String socket, String text) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(JAVA_BYTE, socket.getBytes(UTF_8));
      MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, text.getBytes(UTF_8));
      return (int) NOTIFY.invokeExact(name, (int) name.byteSize(), bytes, (int) bytes.byteSize());
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }
}
