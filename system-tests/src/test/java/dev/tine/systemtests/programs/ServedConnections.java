package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.fork.ForkedProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Connections that threads serve while forks happen: with selectors, and one virtual thread each.
 */
final class ServedConnections {
  private ServedConnections() {}

  /** Echo servers on busy selectors are forked; the child's serve the child, the parent's go on. */
  static void selectors() throws Exception {
    int count = 4;
    List<ServerSocketChannel> servers = new ArrayList<>();
    List<Selector> selectors = new ArrayList<>();
    var failures = new ConcurrentLinkedQueue<Throwable>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ServerSocketChannel server = ServerSocketChannel.open().bind(Connections.ANY_PORT);
      server.configureBlocking(false);
      Selector selector = Selector.open();
      server.register(selector, SelectionKey.OP_ACCEPT);
      servers.add(server);
      selectors.add(selector);
      threads.add(Thread.ofPlatform().daemon().start(() -> echo(selector, failures)));
    }
    List<SocketChannel> clients = new ArrayList<>();
    for (ServerSocketChannel server : servers) {
      clients.add(SocketChannel.open(server.getLocalAddress()));
      exchange(clients.getLast(), "before");
    }
    for (int round = 0; round < 3; round++) {
      // The listeners are shared, so the child asks a new one, on a selector it has inherited.
      ForkedProcess child =
          Program.fork(() -> {
            for (Selector selector : selectors) {
              try (ServerSocketChannel own =
                  ServerSocketChannel.open().bind(Connections.ANY_PORT)) {
                own.configureBlocking(false);
                own.register(selector, SelectionKey.OP_ACCEPT);
                selector.wakeup();
                try (SocketChannel client = SocketChannel.open(own.getLocalAddress())) {
                  exchange(client, "child");
                }
              }
            }
            check(failures.isEmpty(), "%s", failures);
          });
      for (SocketChannel client : clients) {
        exchange(client, "parent");
      }
      Program.expectSuccess(child);
      for (SocketChannel client : clients) {
        exchange(client, "after");
      }
    }
    check(failures.isEmpty(), "%s", failures);
    for (SocketChannel client : clients) {
      client.close();
    }
    for (Selector selector : selectors) {
      selector.close();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (ServerSocketChannel server : servers) {
      server.close();
    }
  }

  private static void echo(Selector selector, ConcurrentLinkedQueue<Throwable> failures) {
    try {
      while (selector.isOpen()) {
        selector.select(key -> serve(selector, key), 20_000);
      }
    } catch (java.nio.channels.ClosedSelectorException e) {
      // the end
    } catch (Throwable e) {
      failures.add(e);
    }
  }

  private static void serve(Selector selector, SelectionKey key) {
    try {
      if (key.channel() instanceof ServerSocketChannel server) {
        SocketChannel accepted = server.accept();
        if (accepted != null) {
          accepted.configureBlocking(false);
          accepted.register(selector, SelectionKey.OP_READ);
        }
      } else if (key.channel() instanceof SocketChannel channel) {
        try {
          String text = Connections.read(channel);
          if (text.isEmpty()) {
            channel.close();
          } else {
            Connections.write(channel, text);
          }
        } catch (IOException e) {
          channel.close(); // a connection of the parent's
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void exchange(SocketChannel client, String text) throws IOException {
    Connections.write(client, text);
    checkEqual(Connections.read(client), text, "echo");
  }

  /** Virtual threads that wait for connections fail in the child, and new ones work. */
  static void virtualThreads() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      List<Socket> sockets = new ArrayList<>();
      List<Thread> readers = new ArrayList<>();
      var results = new ConcurrentLinkedQueue<String>();
      int count = 20;
      for (int i = 0; i < count; i++) {
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        sockets.add(client);
        sockets.add(server.accept());
        readers.add(Thread.ofVirtual().start(() -> results.add(readOne(client))));
      }
      await(
          "they wait", () -> readers.stream().allMatch(t -> t.getState() == Thread.State.WAITING));
      ForkedProcess child =
          Program.fork(() -> {
            for (Thread reader : readers) {
              check(reader.join(Program.LIMIT), "a reader hangs in the child");
            }
            results.forEach(result -> check(!result.equals("x"), "result in the child: " + result));
            try (ServerSocket own = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Socket client = new Socket(own.getInetAddress(), own.getLocalPort());
                Socket peer = own.accept()) {
              Thread reader = Thread.ofVirtual().start(() -> results.add(readOne(client)));
              await("it waits", () -> reader.getState() == Thread.State.WAITING);
              peer.getOutputStream().write('x');
              check(reader.join(Program.LIMIT), "a new reader hangs in the child");
              check(results.contains("x"), "results: %s", results);
            }
          });
      Program.expectSuccess(child);
      check(results.isEmpty(), "results in the parent: %s", results);
      for (int i = 1; i < sockets.size(); i += 2) {
        sockets.get(i).getOutputStream().write('x');
      }
      for (Thread reader : readers) {
        check(reader.join(Program.LIMIT), "a reader hangs");
      }
      checkEqual(
          List.copyOf(results), List.copyOf(java.util.Collections.nCopies(count, "x")), "read");
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static String readOne(Socket socket) {
    try {
      int read = socket.getInputStream().read();
      return read < 0 ? "end" : Character.toString(read);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
