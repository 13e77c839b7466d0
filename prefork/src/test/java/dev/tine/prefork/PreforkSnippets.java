package dev.tine.prefork;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** The programs shown in the Javadoc, compiled. */
final class PreforkSnippets {
  private PreforkSnippets() {}

  // @start region="serve"
  public static void main(String[] args) throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      listener.bind(new InetSocketAddress(8080)); // once, before the fork: all workers share it

      int id = Prefork.forkProcesses(4); // returns in each of the 4 workers, never here

      byte[] answer = "served by worker %d%n".formatted(id).getBytes(StandardCharsets.UTF_8);
      while (true) {
        try (SocketChannel client = listener.accept()) {
          client.write(ByteBuffer.wrap(answer));
        }
      }
    }
  }
  // @end
}
