package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * What a program under the preloaded library and its monitor say to each other, {@code struct
 * tine_message}.
 *
 * @param errno 0: none
 * @param stage in messages of the program; the monitor sends none
 * @param address {@code struct sockaddr}
 * @param device of a socket, as stat(2) has it
 * @param text at most 511 bytes of UTF-8
 */
public record Message(
    Type type,
    int number,
    int flags,
    int errno,
    Stage stage,
    SocketAddressBytes address,
    long device,
    long inode,
    String text) {

  /** A JVM of a kind that can be forked. */
  public static final int HELLO_HOTSPOT = 1;

  /** Of {@link Type#BIND}: others may have the address too, if they say so. */
  public static final int BIND_REUSE_PORT = 2;

  /** In the answer to {@link Type#BIND}: the monitor has nothing to do with this address. */
  public static final int BIND_OWN = 8;

  /** Of {@link Type#BEAT}: look for deadlocks too. */
  public static final int BEAT_DEADLOCKS = 1;

  private static final MethodHandle SEND =
      Libtine.function(
          "tine_message_send", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle RECEIVE =
      Libtine.function(
          "tine_message_receive", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

  /** {@code enum tine_message_type}, which tells who sends it and what the fields are. */
  public enum Type {
    NONE(0),
    HELLO(1),
    BIND(2),
    LISTEN(3),
    RESULT(4),
    FREEZE(5),
    FROZEN(6),
    EXCHANGE(7),
    EXCHANGED(8),
    BEAT(9),
    ALIVE(10),
    PREPARE(11),
    PREPARED(12),
    HERALD(13);

    private final int number;

    Type(int number) {
      this.number = number;
    }

    static Type of(int number) {
      for (Type type : values()) {
        if (type.number == number) {
          return type;
        }
      }
      return NONE;
    }
  }

  /**
   * A message, and what came with it.
   *
   * @param descriptor the receiver's to close; -1: none
   */
  public record Received(Message message, int descriptor) {}

  /** A message of the monitor's. */
  public static Message of(Type type, int errno, SocketAddressBytes address, String text) {
    return new Message(type, 0, 0, errno, Stage.NONE, address, 0, 0, text);
  }

  /** The file that comes along is to take the place of this one. */
  public static Message exchange(long device, long inode) {
    return new Message(
        Type.EXCHANGE, 0, 0, 0, Stage.NONE, SocketAddressBytes.EMPTY, device, inode, "");
  }

  /** The answer to a {@link Type#BIND} of an address that is not the monitor's to open. */
  public static Message own() {
    return new Message(Type.RESULT, 0, BIND_OWN, 0, Stage.NONE, SocketAddressBytes.EMPTY, 0, 0, "");
  }

  /** The question whether a worker can run Java code. */
  public static Message beat(int number, int flags) {
    return new Message(Type.BEAT, number, flags, 0, Stage.NONE, SocketAddressBytes.EMPTY, 0, 0, "");
  }

  /**
   * {@code sendmsg(fd, this)}. Throws {@link SystemCallException}.
   *
   * @param descriptor sent along, and still the caller's; -1: none
   */
  public void send(int fd, int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      int error = (int) SEND.invokeExact(fd, laidOut(arena), descriptor);
      SystemCallException.check("sendmsg", error);
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  /**
   * {@code recvmsg(fd)}; waits for a message. Throws {@link SystemCallException}; {@link
   * Errno#EPIPE}: the other side has ended.
   */
  public static Received receive(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(Layouts.MESSAGE);
      MemorySegment descriptor = arena.allocate(JAVA_INT);
      SystemCallException.check("recvmsg", (int) RECEIVE.invokeExact(fd, in, descriptor));
      return new Received(read(in), descriptor.get(JAVA_INT, 0));
    } catch (SystemCallException e) {
      throw e;
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  private MemorySegment laidOut(Arena arena) {
    MemorySegment out = arena.allocate(Layouts.MESSAGE);
    out.set(JAVA_INT, offset("type"), type.number);
    out.set(JAVA_INT, offset("number"), number);
    out.set(JAVA_INT, offset("flags"), flags);
    out.set(JAVA_INT, offset("error"), errno);
    out.set(JAVA_INT, offset("address_length"), address.length());
    out.set(JAVA_LONG, offset("device"), device);
    out.set(JAVA_LONG, offset("inode"), inode);
    MemorySegment.copy(address.bytes(), 0, out, JAVA_BYTE, offset("address"), address.length());
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int room = Math.min(utf8.length, Layouts.TEXT_MAX - 1);
    MemorySegment.copy(utf8, 0, out, JAVA_BYTE, offset("text"), room);
    return out;
  }

  private static Message read(MemorySegment in) {
    int length = in.get(JAVA_INT, offset("address_length"));
    byte[] address = in.asSlice(offset("address"), length).toArray(JAVA_BYTE);
    return new Message(
        Type.of(in.get(JAVA_INT, offset("type"))),
        in.get(JAVA_INT, offset("number")),
        in.get(JAVA_INT, offset("flags")),
        in.get(JAVA_INT, offset("error")),
        Stage.of(in.get(JAVA_INT, offset("stage"))),
        new SocketAddressBytes(address),
        in.get(JAVA_LONG, offset("device")),
        in.get(JAVA_LONG, offset("inode")),
        in.getString(offset("text")));
  }

  private static long offset(String field) {
    return Layouts.offset(Layouts.MESSAGE, field);
  }
}
