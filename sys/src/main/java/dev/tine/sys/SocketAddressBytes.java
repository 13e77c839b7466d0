package dev.tine.sys;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A {@code struct sockaddr} as the kernel has it: of IPv4, IPv6 or a UNIX socket. */
public final class SocketAddressBytes {
  /** None. */
  public static final SocketAddressBytes EMPTY = new SocketAddressBytes(new byte[0]);

  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;

  private final byte[] bytes;

  /** An address as the kernel has it; the bytes are copied. */
  public SocketAddressBytes(byte[] bytes) {
    this.bytes = bytes.clone();
  }

  /** The address of a UNIX socket with this path, of at most 107 bytes. */
  public static SocketAddressBytes ofPath(String path) {
    byte[] name = path.getBytes(UTF_8);
    byte[] all = new byte[Short.BYTES + name.length + 1];
    ByteBuffer.wrap(all).order(ByteOrder.nativeOrder()).putShort((short) AF_UNIX).put(name);
    return new SocketAddressBytes(all);
  }

  byte[] bytes() {
    return bytes.clone();
  }

  int length() {
    return bytes.length;
  }

  /** Address and port; empty for a UNIX socket. */
  public Optional<InetSocketAddress> inet() {
    ByteBuffer in = ByteBuffer.wrap(bytes); // network byte order, but for the family
    try {
      return switch (family()) {
        case AF_INET -> Optional.of(at(Arrays.copyOfRange(bytes, 4, 8), in.getShort(2)));
        case AF_INET6 -> Optional.of(at(Arrays.copyOfRange(bytes, 8, 24), in.getShort(2)));
        default -> Optional.empty();
      };
    } catch (UnknownHostException e) {
      throw new AssertionError("of the right length", e);
    }
  }

  private static InetSocketAddress at(byte[] address, short port) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByAddress(address), Short.toUnsignedInt(port));
  }

  private int family() {
    return bytes.length < Short.BYTES
        ? 0
        : ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getShort();
  }

  /** The path of a UNIX socket; empty for others. */
  public Optional<String> path() {
    if (family() != AF_UNIX) {
      return Optional.empty();
    }
    int end = Short.BYTES;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return Optional.of(new String(bytes, Short.BYTES, end - Short.BYTES, UTF_8));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SocketAddressBytes that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** {@code host:port}, {@code [host]:port}, {@code *:port}, or the path. */
  @Override
  public String toString() {
    Optional<InetSocketAddress> inet = inet();
    if (inet.isEmpty()) {
      return path().orElseGet(() -> HexFormat.of().formatHex(bytes));
    }
    InetAddress host = inet.get().getAddress();
    String name = host.getHostAddress();
    String shown = host.isAnyLocalAddress() ? "*" : name.contains(":") ? "[" + name + "]" : name;
    return shown + ":" + inet.get().getPort();
  }
}
