package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;

import dev.tine.fork.ForkedProcess;
import dev.tine.systemtests.kit.Proc;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Connections of a parent, which its children have none of; and pollers that go on. */
public final class Connections {
  static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private Connections() {}

  static void main() throws IOException {
    SelfCheck.prepare();
    Program.serve(
        Map.ofEntries(
            Map.entry("tcp", () -> connection(ServerSocketChannel.open().bind(ANY_PORT))),
            Map.entry("unix", Connections::unix),
            Map.entry("being connected", Connections::beingConnected),
            Map.entry("udp", Connections::udp),
            Map.entry("fresh", Connections::fresh),
            Map.entry("kept", KeptConnections::kept),
            Map.entry("kinds", KeptConnections::kinds),
            Map.entry("bad predicate", KeptConnections::badPredicate),
            Map.entry("selectors", ServedConnections::selectors),
            Map.entry("virtual threads", ServedConnections::virtualThreads),
            Map.entry("watch service", Connections::watchService)));
  }

  /** One child closes it, one exits, one is killed: the peer sees nothing of that. */
  private static void connection(ServerSocketChannel server) throws Exception {
    try (server;
        SocketChannel client = SocketChannel.open(server.getLocalAddress());
        SocketChannel peer = server.accept();
        Selector selector = Selector.open()) {
      write(client, "unread");
      inChild(() -> {
        // At once, and before anything was written.
        Program.check(fails(() -> write(client, "x")), "the child has written");
        check(fails(() -> read(peer)), "the child has read");
        closeNow(client);
        closeNow(peer);
        try (SocketChannel own = SocketChannel.open(server.getLocalAddress())) {
          check(own.isConnected(), "a connection of its own");
        }
      });
      server.accept().close();
      inChild(() -> {}); // exits
      ForkedProcess killed = Program.fork(() -> Thread.sleep(60_000));
      killed.signal(dev.tine.fork.Signal.KILL);
      var _ = killed.waitFor();
      checkEqual(read(peer), "unread", "what the parent wrote");
      client.configureBlocking(false);
      peer.configureBlocking(false);
      client.register(selector, SelectionKey.OP_READ);
      peer.register(selector, SelectionKey.OP_READ);
      checkEqual(selector.selectNow(), 0, "ends that have something to read, or an end");
      write(client, "to");
      write(peer, "fro");
      checkEqual(selector.select(20_000) > 0, true, "ready");
      await("both", () -> ready(selector) == 2);
      checkEqual(read(peer), "to", "read");
      checkEqual(read(client), "fro", "read");
    }
  }

  private static int ready(Selector selector) {
    try {
      selector.selectedKeys().clear();
      return selector.selectNow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The other end is in a process of its own: `nc` is not everywhere, so it is a kept child. */
  private static void unix() throws Exception {
    Path directory = Files.createTempDirectory("unix-");
    Path path = directory.resolve("socket");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      Path go = directory.resolve("go");
      Files.createFile(go);
      // An echo server: the listener is shared.
      ForkedProcess echo =
          Program.fork(() -> {
            try (SocketChannel peer = server.accept()) {
              String text = read(peer);
              while (!text.isEmpty()) {
                write(peer, text + "!");
                text = read(peer);
              }
            }
          });
      try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
        write(client, "one");
        checkEqual(read(client), "one!", "answer");
        inChild(() -> {
          check(fails(() -> write(client, "x")), "the child has written");
          closeNow(client);
        });
        inChild(() -> {});
        write(client, "two");
        checkEqual(read(client), "two!", "answer after the children");
      }
      Program.expectSuccess(echo);
      Files.delete(go);
    }
    Files.delete(path);
    Files.delete(directory);
  }

  /** A connection that is under way is the parent's. */
  private static void beingConnected() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      SocketAddress address = server.getLocalSocketAddress();
      List<SocketChannel> clients = new ArrayList<>();
      while (clients.isEmpty() || clients.getLast().isConnected()) { // until the queue is full
        SocketChannel client = SocketChannel.open();
        client.configureBlocking(false);
        client.connect(address);
        clients.add(client);
        if (!client.finishConnect()) {
          break;
        }
      }
      SocketChannel waiting = clients.getLast();
      check(waiting.isConnectionPending(), "it is connected");
      inChild(() -> {
        int fd = number(waiting);
        check(!Fd.isSharedWith(Proc.parent(Proc.self()), fd), "it is shared");
        checkEqual(Libc.call("write", fd, Libc.memory(1), 1L) < 0, true, "write fails");
        waiting.close();
      });
      for (int i = 0; i < clients.size() - 1; i++) {
        server.accept().close();
      }
      await("the connection", () -> finished(waiting));
      try (Socket peer = server.accept()) {
        write(waiting, "x");
        checkEqual(peer.getInputStream().read(), (int) 'x', "read");
      }
      for (SocketChannel client : clients) {
        client.close();
      }
    }
  }

  private static boolean finished(SocketChannel channel) {
    try {
      return channel.finishConnect();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void udp() throws Exception {
    try (DatagramChannel server = DatagramChannel.open().bind(ANY_PORT);
        DatagramChannel client = DatagramChannel.open().connect(server.getLocalAddress())) {
      server.configureBlocking(false);
      inChild(() -> {
        check(fails(() -> client.write(bytes("x"))), "the child has sent");
        check(
            Fd.isSharedWith(Proc.parent(Proc.self()), number(server)), "the server is not shared");
      });
      checkEqual(server.receive(ByteBuffer.allocate(9)) == null, true, "nothing has come");
      client.write(bytes("x"));
      await("a datagram", () -> received(server));
    }
  }

  private static boolean received(DatagramChannel server) {
    try {
      return server.receive(ByteBuffer.allocate(9)) != null;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** One that was made before the fork and is connected after it: in each process another. */
  private static void fresh() throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open().bind(ANY_PORT);
        SocketChannel client = SocketChannel.open()) {
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      client.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      inChild(() -> {
        check(client.getOption(StandardSocketOptions.TCP_NODELAY), "TCP_NODELAY");
        check(client.getOption(StandardSocketOptions.SO_KEEPALIVE), "SO_KEEPALIVE");
        check(client.connect(server.getLocalAddress()), "connected");
        write(client, "child");
      });
      check(client.connect(server.getLocalAddress()), "connected");
      write(client, "parent");
      try (SocketChannel first = server.accept();
          SocketChannel second = server.accept()) {
        checkEqual(read(first), "child", "read");
        checkEqual(read(first), "", "the child has ended");
        checkEqual(read(second), "parent", "read");
      }
    }
  }

  /** In the child it watches nothing, until it is told to; the parent's goes on. */
  private static void watchService() throws Exception {
    Path[] directories = {
      Files.createTempDirectory("watched-"), Files.createTempDirectory("watched-")
    };
    try (WatchService service = directories[0].getFileSystem().newWatchService()) {
      var created = StandardWatchEventKinds.ENTRY_CREATE;
      WatchKey first = directories[0].register(service, created);
      WatchKey second = directories[1].register(service, created);
      inChild(() -> {
        // Another directory first: it must not be taken for one that is watched in the parent.
        WatchKey own = directories[1].register(service, created);
        check(!own.equals(first), "a key of another directory");
        checkEqual(own.watchable(), directories[1], "directory of the key");
        Path file = Files.createFile(directories[1].resolve("child"));
        WatchKey signalled = service.poll(20, TimeUnit.SECONDS);
        check(own.equals(signalled), "signalled: %s", signalled);
        checkEqual(own.pollEvents().getFirst().context(), file.getFileName(), "file");
        check(own.reset(), "reset");
        WatchKey again = directories[0].register(service, created);
        Files.createFile(directories[0].resolve("child"));
        check(again.equals(service.poll(20, TimeUnit.SECONDS)), "the second one");
        first.cancel();
        second.cancel();
        own.cancel();
        closeNow(service);
      });
      for (int i = 0; i < 2; i++) {
        WatchKey signalled = service.poll(20, TimeUnit.SECONDS);
        check(first.equals(signalled) || second.equals(signalled), "signalled in the parent");
        checkEqual(
            signalled.pollEvents().getFirst().context(), Path.of("child"), "file, in the parent");
        check(signalled.reset(), "reset");
      }
      check(first.isValid() && second.isValid(), "keys of the parent");
      Files.createFile(directories[0].resolve("parent"));
      check(first.equals(service.poll(20, TimeUnit.SECONDS)), "signalled in the parent");
    }
    for (Path directory : directories) {
      try (var files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }

  /** In a child, what its parent closes at the end of a block. */
  private static void closeNow(Closeable what) throws IOException {
    what.close();
  }

  interface Io {
    Object run() throws IOException;
  }

  static boolean fails(Io step) {
    try {
      return "".equals(step.run());
    } catch (IOException e) {
      return true;
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  static Object write(SocketChannel channel, String text) throws IOException {
    return channel.write(bytes(text));
  }

  /** "": the end. */
  static String read(SocketChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    int n = channel.read(buffer);
    return n < 0 ? "" : new String(buffer.array(), 0, n, StandardCharsets.UTF_8);
  }

  /** The number of a channel, which its string form has no word of: found by its own address. */
  static int number(Object channel) {
    try {
      var field = channel.getClass().getDeclaredField("fdVal");
      field.setAccessible(true);
      return (int) field.get(channel);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("a channel of another JDK", e);
    }
  }
}
