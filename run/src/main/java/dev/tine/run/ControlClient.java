package dev.tine.run;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Asks the monitor of a running program. */
public final class ControlClient {
  private static final String EVENT = "{\"version\":1,\"event\":";

  private ControlClient() {}

  /**
   * The last reply to a request that is answered by lines of what happens first.
   *
   * @param onEvent is told each of them
   * @throws RunFailedException if there is no monitor, or it may not be asked, or has ended
   */
  public static String follow(Path control, Request request, Consumer<String> onEvent) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(control));
      send(channel, request);
      var reader =
          new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8.newDecoder(), -1));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.startsWith(EVENT)) {
          return line;
        }
        onEvent.accept(String.valueOf(StatusReader.read(line).get("event")));
      }
      throw new RunFailedException(
          "the monitor at %s does not answer any more: it has ended, or listens only to its user"
              .formatted(control));
    } catch (IOException e) {
      throw new RunFailedException(
          "no monitor answers at %s: %s".formatted(control, e.getMessage()));
    }
  }

  private static void send(SocketChannel channel, Request request) throws IOException {
    try {
      channel.write(ByteBuffer.wrap((request.toJson() + "\n").getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      // One that refuses to listen has closed its end already, and has said why: it is read next.
    }
  }

  /**
   * The reply, a line of JSON.
   *
   * @param untilEnd waits for the end of the monitor too
   * @throws RunFailedException if there is none, or it may not be asked
   */
  public static String ask(Path control, Request request, boolean untilEnd) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(control));
      send(channel, request);
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
