package dev.tine.systemtests.programs;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Sends its pid to whoever connects, and closes: {@code Greeter HOW ADDRESS...}.
 *
 * <p>HOW is {@code blocking}, {@code polling}, {@code shares} for SO_REUSEPORT, or the path of a
 * file that says one of these. ADDRESS is a path or {@code HOST PORT}.
 */
public final class Greeter {
  private Greeter() {}

  /** Serves. */
  public static void main(String[] args) throws IOException {
    String how = args[0].startsWith("/") ? Files.readString(Path.of(args[0])) : args[0];
    Selector selector = Selector.open();
    for (int i = 1; i < args.length; i++) {
      SocketAddress address =
          args[i].startsWith("/")
              ? UnixDomainSocketAddress.of(args[i])
              : new InetSocketAddress(args[i], Integer.parseInt(args[++i]));
      ServerSocketChannel server =
          address instanceof UnixDomainSocketAddress
              ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
              : ServerSocketChannel.open();
      if (how.equals("shares")) {
        server.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      server.bind(address, 1000);
      System.out.println("listening at " + server.getLocalAddress());
      if (how.equals("polling")) {
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
      } else {
        start(() -> accept(server));
      }
    }
    if (how.equals("polling")) {
      start(() -> poll(selector));
    }
  }

  private interface Task {
    void run() throws IOException;
  }

  private static void start(Task task) {
    Thread.ofPlatform()
        .name("greeter")
        .start(() -> {
          try {
            task.run();
          } catch (IOException e) {
            System.out.println("failed: " + e);
            Runtime.getRuntime().halt(1);
          }
        });
  }

  private static void accept(ServerSocketChannel server) throws IOException {
    while (true) {
      greet(server.accept());
    }
  }

  /** One thread for all: if it waited in accept, it would not see what comes at the others. */
  private static void poll(Selector selector) throws IOException {
    while (true) {
      selector.select();
      for (SelectionKey key : selector.selectedKeys()) {
        ServerSocketChannel server = (ServerSocketChannel) key.channel();
        for (SocketChannel one = server.accept(); one != null; one = server.accept()) {
          greet(one);
        }
      }
      selector.selectedKeys().clear();
    }
  }

  private static void greet(SocketChannel connection) throws IOException {
    String pid = Files.readSymbolicLink(Path.of("/proc/self")).toString();
    try (connection) {
      connection.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)));
    } catch (IOException e) {
      System.out.println("not greeted: " + List.of(e));
    }
  }
}
