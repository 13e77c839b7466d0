package dev.tine.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Asks the monitor of a running program. */
public final class ControlClient {
  private ControlClient() {}

  /**
   * The reply, a line of JSON.
   *
   * @param untilEnd waits for the end of the monitor too
   * @throws RunFailedException if there is none, or it may not be asked
   */
  public static String ask(Path control, Request request, boolean untilEnd) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(control));
      channel.write(ByteBuffer.wrap((request.toJson() + "\n").getBytes(StandardCharsets.UTF_8)));
      var reply = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(8192);
      while (channel.read(buffer.clear()) >= 0) {
        reply.write(buffer.array(), 0, buffer.position());
        if (!untilEnd && buffer.position() > 0 && buffer.get(buffer.position() - 1) == '\n') {
          break;
        }
      }
      if (reply.size() == 0) {
        throw new RunFailedException(
            "the monitor at %s does not answer: only its user and root are listened to"
                .formatted(control));
      }
      return reply.toString(StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new RunFailedException(
          "no monitor answers at %s: %s".formatted(control, e.getMessage()));
    }
  }
}
