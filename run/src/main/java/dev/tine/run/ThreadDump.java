package dev.tine.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The threads of a JVM, as it prints them itself: asked through its attach socket, as jcmd does,
 * which not every runtime has.
 */
final class ThreadDump {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  /** Version of the protocol, command, and its arguments: locks too. */
  private static final byte[] REQUEST =
      "1\0threaddump\0-l\0\0\0".getBytes(StandardCharsets.US_ASCII);

  private static final Pattern CAUGHT = Pattern.compile("SigCgt:\\s*([0-9a-f]{16})");
  private static final long QUIT_BIT = 1L << (3 - 1);

  private ThreadDump() {}

  /**
   * Asks a JVM of this user's, and waits for some seconds, or until it ends.
   *
   * @param quit sends it SIGQUIT; called only if that does not kill it
   * @param most bytes
   * @throws IOException with the reason, if it does not answer
   */
  static String of(int pid, Runnable quit, int most) throws IOException {
    Path process = Path.of("/proc/" + pid);
    // It may have a mount namespace of its own.
    Path socket = process.resolve("root/tmp/.java_pid" + pid);
    Optional<SocketChannel> open = connect(socket);
    if (open.isEmpty()) {
      Files.deleteIfExists(socket); // of a process that had this pid and was killed
      listen(process, pid, socket, quit);
      open = connect(socket);
    }
    try (SocketChannel channel =
            open.orElseThrow(() -> new IOException("its attach socket is not answered"));
        Selector selector = Selector.open()) {
      channel.write(ByteBuffer.wrap(REQUEST)); // a socket takes so little at once
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
      return read(channel, selector, most);
    }
  }

  /** Empty: nobody listens there. */
  private static Optional<SocketChannel> connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return Optional.of(channel);
    } catch (SocketException e) {
      channel.close();
      return Optional.empty();
    }
  }

  /** Has it open its socket, as jcmd does: by a file of a certain name, and SIGQUIT. */
  private static void listen(Path process, int pid, Path socket, Runnable quit) throws IOException {
    if (!isCaught(
        new String(Files.readAllBytes(process.resolve("status")), StandardCharsets.UTF_8))) {
      throw new IOException("it does not handle SIGQUIT (-Xrs)");
    }
    Path mark = process.resolve("cwd/.attach_pid" + pid);
    Optional<Path> made =
        touch(mark).or(() -> touch(process.resolve("root/tmp/.attach_pid" + pid)));
    try {
      quit.run();
      long end = System.nanoTime() + LIMIT.toNanos();
      while (!Files.exists(socket)) { // nobody tells
        if (System.nanoTime() - end > 0) {
          throw new IOException(
              made.isPresent()
                  ? "it does not open its attach socket: it runs no Java code, or has printed them"
                      + " to its output (-XX:+DisableAttachMechanism)"
                  : "it was asked to print them, see its output: " + mark + " cannot be made");
        }
        LockSupport.parkNanos(LOOK_AGAIN.toNanos());
      }
    } finally {
      if (made.isPresent()) {
        Files.deleteIfExists(made.get());
      }
    }
  }

  /** Whether a process handles SIGQUIT, by its /proc/PID/status. */
  static boolean isCaught(String status) {
    Matcher caught = CAUGHT.matcher(status);
    return caught.find() && (Long.parseUnsignedLong(caught.group(1), 16) & QUIT_BIT) != 0;
  }

  private static Optional<Path> touch(Path file) {
    try {
      return Optional.of(Files.createFile(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String read(SocketChannel channel, Selector selector, int most)
      throws IOException {
    var text = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    long end = System.nanoTime() + LIMIT.toNanos();
    for (int n = 0; n >= 0 && text.size() < most; n = channel.read(buffer.clear())) {
      text.write(buffer.array(), 0, Math.min(n, most - text.size()));
      long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
      if (left <= 0 || selector.select(left) == 0) {
        throw new IOException(
            "it does not print them within %d s: it reaches no safepoint"
                .formatted(LIMIT.toSeconds()));
      }
      selector.selectedKeys().clear();
    }
    String answer = text.toString(StandardCharsets.UTF_8);
    int firstLine = answer.indexOf('\n');
    if (!answer.startsWith("0\n")) {
      throw new IOException("it refuses: " + answer.substring(0, Math.max(0, firstLine)));
    }
    return answer.substring(firstLine + 1);
  }
}
