package dev.tine.benchmarks.cost;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Descriptors that a JVM holds while it is forked. */
public enum OpenDescriptors {
  /** What a JVM has anyway. */
  NONE {
    @Override
    List<Object> open(int count) {
      return List.of();
    }
  },
  FILES {
    @Override
    List<Object> open(int count) throws IOException {
      Path file = Files.createTempFile("fork-cost-", ".file");
      List<Object> files = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        files.add(FileChannel.open(file));
      }
      Files.delete(file);
      return files;
    }
  },
  /** Each end counts. */
  PIPES {
    @Override
    List<Object> open(int count) throws IOException {
      List<Object> pipes = new ArrayList<>();
      for (int i = 0; i < count; i += 2) {
        pipes.add(Pipe.open());
      }
      return pipes;
    }
  },
  /** Each is an epoll set and an eventfd, which is its member. */
  SELECTORS {
    @Override
    List<Object> open(int count) throws IOException {
      List<Object> selectors = new ArrayList<>();
      for (int i = 0; i < count; i += 2) {
        selectors.add(Selector.open());
      }
      return selectors;
    }
  },
  /** Members of no set; each end counts. */
  CONNECTIONS {
    @Override
    List<Object> open(int count) throws IOException {
      return new ArrayList<>(connections(count));
    }
  },
  /** Connections, all in one epoll set. */
  MEMBERS {
    @Override
    List<Object> open(int count) throws IOException {
      List<Object> all = new ArrayList<>();
      Selector selector = Selector.open();
      all.add(selector);
      for (SocketChannel channel : connections(count)) {
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
        all.add(channel);
      }
      selector.selectNow(); // registers with the kernel
      return all;
    }
  };

  /** Opens so many; they stay open as long as the list is held. */
  abstract List<Object> open(int count) throws IOException;

  private static List<SocketChannel> connections(int count) throws IOException {
    List<SocketChannel> channels = new ArrayList<>();
    try (ServerSocketChannel server =
        ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      for (int i = 0; i < count; i += 2) {
        channels.add(SocketChannel.open(server.getLocalAddress()));
        channels.add(server.accept());
      }
    }
    return channels;
  }
}
