package dev.tine.benchmarks.stress;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A selector with five connections, both ends of each, and a pipe. Used by one thread.
 *
 * <p>In the process that opened them, the connections carry bytes, and nothing else ever happens to
 * them. In a child they are dead: the first thing that its selector says of them, and once read,
 * they are closed. The pipe works in both.
 */
final class SocketGroup {
  private static final int CONNECTIONS = 5;
  private static final int LIMIT_MILLIS = 20_000;

  private final Selector selector = Selector.open();
  private final Pipe pipe = Pipe.open();
  private final List<SocketChannel> writers = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(16);
  private int turn;

  private SocketGroup() throws IOException {
    register(pipe.source());
    try (ServerSocketChannel server =
        ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      for (int i = 0; i < CONNECTIONS; i++) {
        SocketChannel writer = SocketChannel.open(server.getLocalAddress());
        register(server.accept());
        register(writer);
        writers.add(writer);
      }
    }
  }

  static SocketGroup open() throws IOException {
    return new SocketGroup();
  }

  private <T extends java.nio.channels.SelectableChannel & ReadableByteChannel> void register(
      T channel) throws IOException {
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
  }

  /** Sends a byte through the pipe and one through a connection, and waits until they are here. */
  void exchange() throws IOException {
    int expected = 1;
    if (Home.isHere()) {
      SocketChannel writer = writers.get(turn++ % CONNECTIONS);
      expected += write(writer);
    }
    int written = pipe.sink().write(ByteBuffer.wrap(new byte[1]));
    if (written != 1) {
      throw new IOException("the pipe took " + written + " bytes");
    }
    long deadline = System.nanoTime() + LIMIT_MILLIS * 1_000_000L;
    boolean pipeRead = false;
    for (int read = 0; read < expected || !pipeRead; ) {
      if (System.nanoTime() > deadline) {
        throw new IOException("%d of %d bytes have come".formatted(read, expected));
      }
      selector.select(LIMIT_MILLIS);
      for (SelectionKey key : selector.selectedKeys()) {
        int bytes = read(key);
        read += bytes;
        pipeRead |= bytes > 0 && key.channel().equals(pipe.source());
      }
      selector.selectedKeys().clear();
      // Forked between the write and here: what was under way on a connection is not in the child.
      expected = Home.isHere() ? expected : 1;
    }
  }

  /** How many bytes it has taken; in a child it is dead, though it was alive a line above. */
  private static int write(SocketChannel writer) throws IOException {
    try {
      return writer.write(ByteBuffer.wrap(new byte[1]));
    } catch (IOException e) {
      if (Home.isHere()) {
        throw e;
      }
      return 0;
    }
  }

  private int read(SelectionKey key) throws IOException {
    buffer.clear();
    try {
      int bytes = ((ReadableByteChannel) key.channel()).read(buffer);
      if (bytes >= 0) {
        return bytes;
      }
      throw new IOException("end of a connection that nobody closed");
    } catch (IOException e) {
      if (Home.isHere() || key.channel().equals(pipe.source())) {
        throw e;
      }
      key.channel().close();
      return 0;
    }
  }
}
