package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Wait.timeout;
import static dev.tine.systemtests.programs.Wait.timeoutMs;
import static dev.tine.systemtests.programs.Wait.until;

import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** Threads in calls of the Java API that wait. */
public final class JavaWaits {
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();

  private static final List<String> ON_CONNECTIONS =
      List.of("Socket.", "SocketChannel.", "AsynchronousSocketChannel.");

  /** Both ends are in the process: a child has a connection of its own in their place. */
  private static final String UNIX_READ = "SocketChannel.read of a Unix domain socket";

  private final List<Wait> waits = new ArrayList<>();

  private JavaWaits() {}

  /** The argument: the group of waits. */
  static void main(String[] arguments) throws Exception {
    var all = new JavaWaits();
    List<Program.Step> cleanUps = new ArrayList<>();
    switch (arguments[0]) {
      case "watches" -> {
        Path watched = Files.createTempDirectory("watched-");
        all.watches(watched);
        cleanUps.add(() -> delete(watched));
      }
      default -> all.allButWatches();
    }
    long parent = Proc.self();
    try {
      Wait.main(all.waits);
    } finally {
      if (Proc.self() == parent) {
        for (Program.Step cleanUp : cleanUps) {
          cleanUp.run();
        }
      }
    }
    Libc.syscall(Libc.SYS_EXIT_GROUP, 0); // a wait that failed may still hold a thread
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  private void allButWatches() throws Exception {
    objects();
    parking();
    locks();
    queues();
    channels();
    sockets(false);
    sockets(true);
    datagrams();
    selectors();
    pipes();
    processes();
    waits.stream()
        .filter(wait -> ON_CONNECTIONS.stream().anyMatch(wait.name()::startsWith))
        .filter(wait -> !wait.name().equals(UNIX_READ))
        .forEach(Wait::onConnection);
  }

  @SuppressWarnings("WaitNotInLoop") // a wait that ends early is what is looked for
  private void objects() {
    Object untimed = new Object();
    waits.add(
        until(
            "Object.wait()",
            () -> {
              synchronized (untimed) {
                untimed.notifyAll();
              }
            },
            () -> {
              synchronized (untimed) {
                untimed.wait();
              }
              return "notified";
            },
            "notified"));
    Object timed = new Object();
    waits.add(
        timeout(
            "Object.wait(timeout)",
            () -> {
              synchronized (timed) {
                timed.wait(timeoutMs());
              }
              return "over";
            },
            "over"));
    Thread endless = Thread.ofPlatform().daemon().start(new Semaphore(0)::acquireUninterruptibly);
    waits.add(
        timeout(
            "Thread.join(timeout)",
            () -> {
              endless.join(timeoutMs());
              return endless.isAlive();
            },
            true));
  }

  private void parking() {
    for (boolean virtual : new boolean[] {false, true}) {
      String where = virtual ? " in a virtual thread" : "";
      AtomicBoolean permitted = new AtomicBoolean();
      Thread[] parked = new Thread[1];
      add(
          virtual,
          until(
              "LockSupport.park" + where,
              () -> {
                permitted.set(true);
                LockSupport.unpark(parked[0]);
              },
              () -> {
                parked[0] = Thread.currentThread();
                LockSupport.park();
                return permitted.get();
              },
              true));
      add(
          virtual,
          timeout(
              "LockSupport.parkNanos" + where,
              () -> {
                LockSupport.parkNanos(timeoutMs() * 1_000_000L);
                return "over";
              },
              "over"));
      add(
          virtual,
          timeout(
              "Thread.sleep" + where,
              () -> {
                Thread.sleep(timeoutMs());
                return "over";
              },
              "over"));
    }
  }

  @SuppressWarnings({"WaitNotInLoop", "LockNotBeforeTry"}) // see above
  private void locks() {
    ReentrantLock lock = new ReentrantLock();
    Condition condition = lock.newCondition();
    waits.add(
        until(
            "Condition.await()",
            () -> {
              lock.lock();
              condition.signalAll();
              lock.unlock();
            },
            () -> {
              lock.lock();
              condition.await();
              lock.unlock();
              return "signalled";
            },
            "signalled"));
    Condition never = lock.newCondition();
    waits.add(
        timeout(
            "Condition.await(timeout)",
            () -> {
              lock.lock();
              boolean signalled = never.await(timeoutMs(), TimeUnit.MILLISECONDS);
              lock.unlock();
              return signalled;
            },
            false));
    Semaphore none = new Semaphore(0);
    waits.add(
        timeout(
            "Semaphore.tryAcquire(timeout)",
            () -> none.tryAcquire(timeoutMs(), TimeUnit.MILLISECONDS),
            false));
    CountDownLatch latch = new CountDownLatch(1);
    waits.add(
        until(
            "CountDownLatch.await()",
            latch::countDown,
            () -> {
              latch.await();
              return "open";
            },
            "open"));
  }

  private void queues() {
    var queue = new ArrayBlockingQueue<String>(1);
    waits.add(until("BlockingQueue.take()", () -> queue.add("item"), queue::take, "item"));
    var empty = new SynchronousQueue<String>();
    waits.add(
        timeout(
            "BlockingQueue.poll(timeout)",
            () -> String.valueOf(empty.poll(timeoutMs(), TimeUnit.MILLISECONDS)),
            "null"));
  }

  private void channels() throws IOException {
    for (boolean virtual : new boolean[] {false, true}) {
      String where = virtual ? " in a virtual thread" : "";
      var server = ServerSocketChannel.open().bind(new InetSocketAddress(HERE, 0));
      SocketChannel client = SocketChannel.open(server.getLocalAddress());
      SocketChannel accepted = server.accept();
      add(
          virtual,
          until(
              "SocketChannel.read" + where,
              () -> client.write(ByteBuffer.allocate(1)),
              () -> accepted.read(ByteBuffer.allocate(1)),
              1));
      add(
          virtual,
          until(
              "ServerSocketChannel.accept" + where,
              () -> SocketChannel.open(server.getLocalAddress()),
              () -> server.accept().isConnected(),
              true));
    }
    var unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    Path path = Files.createTempDirectory("unix-").resolve("socket");
    unix.bind(java.net.UnixDomainSocketAddress.of(path));
    SocketChannel client = SocketChannel.open(unix.getLocalAddress());
    SocketChannel accepted = unix.accept();
    Files.delete(path);
    Files.delete(path.getParent());
    waits.add(
        until(
            UNIX_READ,
            () -> client.write(ByteBuffer.allocate(1)),
            () -> accepted.read(ByteBuffer.allocate(1)),
            1));
    var server = ServerSocketChannel.open().bind(new InetSocketAddress(HERE, 0));
    AsynchronousSocketChannel asynchronous = AsynchronousSocketChannel.open();
    var connected = asynchronous.connect(server.getLocalAddress());
    SocketChannel peer = server.accept();
    waits.add(
        until(
            "AsynchronousSocketChannel.read",
            () -> peer.write(ByteBuffer.allocate(1)),
            () -> {
              connected.get();
              return asynchronous.read(ByteBuffer.allocate(1)).get();
            },
            1));
  }

  private void sockets(boolean virtual) throws IOException {
    String where = virtual ? " in a virtual thread" : "";
    ServerSocket server = new ServerSocket(0, 50, HERE);
    Socket[] clients = new Socket[3];
    Socket[] accepted = new Socket[3];
    for (int i = 0; i < clients.length; i++) {
      clients[i] = new Socket(HERE, server.getLocalPort());
      accepted[i] = server.accept();
    }
    add(
        virtual,
        until(
            "Socket.read" + where,
            () -> clients[0].getOutputStream().write(7),
            () -> accepted[0].getInputStream().read(),
            7));
    accepted[1].setSoTimeout(timeoutMs());
    add(
        virtual,
        timeout(
            "Socket.read with SO_TIMEOUT" + where,
            timingOut(() -> accepted[1].getInputStream().read()),
            "timed out"));
    accepted[2].setSoTimeout(60_000);
    add(
        virtual,
        until(
            "Socket.read before SO_TIMEOUT" + where,
            () -> clients[2].getOutputStream().write(7),
            () -> accepted[2].getInputStream().read(),
            7));
    add(
        virtual,
        until(
            "ServerSocket.accept" + where,
            () -> connect(server.getLocalSocketAddress()),
            () -> server.accept().isConnected(),
            true));
    ServerSocket unused = new ServerSocket(0, 50, HERE);
    unused.setSoTimeout(timeoutMs());
    add(
        virtual,
        timeout(
            "ServerSocket.accept with SO_TIMEOUT" + where, timingOut(unused::accept), "timed out"));
    SocketAddress full = fullServer();
    add(
        virtual,
        timeout(
            "Socket.connect with timeout" + where,
            timingOut(() -> {
              try (Socket socket = new Socket()) {
                socket.connect(full, timeoutMs());
                return "connected";
              }
            }),
            "timed out"));
  }

  private static void connect(SocketAddress address) throws IOException {
    var _ = SocketChannel.open(address);
  }

  /** A server whose queue is full: the kernel answers no further connection request. */
  private static SocketAddress fullServer() throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(HERE, 0), 1);
    for (int i = 0; i < 8; i++) {
      SocketChannel client = SocketChannel.open();
      client.configureBlocking(false);
      client.connect(server.getLocalAddress());
      KEPT.add(client);
    }
    KEPT.add(server);
    return server.getLocalAddress();
  }

  private static final List<Object> KEPT = new ArrayList<>();

  private static Callable<Object> timingOut(Callable<Object> call) {
    return () -> {
      try {
        return call.call();
      } catch (SocketTimeoutException e) {
        return "timed out";
      }
    };
  }

  private void datagrams() throws IOException {
    for (boolean virtual : new boolean[] {false, true}) {
      String where = virtual ? " in a virtual thread" : "";
      DatagramSocket receiver = new DatagramSocket(0, HERE);
      DatagramSocket sender = new DatagramSocket(0, HERE);
      add(
          virtual,
          until(
              "DatagramSocket.receive" + where,
              () ->
                  sender.send(new DatagramPacket(new byte[3], 3, receiver.getLocalSocketAddress())),
              () -> {
                var packet = new DatagramPacket(new byte[10], 10);
                receiver.receive(packet);
                return packet.getLength();
              },
              3));
      DatagramSocket deaf = new DatagramSocket(0, HERE);
      deaf.setSoTimeout(timeoutMs());
      add(
          virtual,
          timeout(
              "DatagramSocket.receive with timeout" + where,
              timingOut(() -> {
                deaf.receive(new DatagramPacket(new byte[10], 10));
                return "received";
              }),
              "timed out"));
    }
    DatagramChannel channel = DatagramChannel.open().bind(new InetSocketAddress(HERE, 0));
    DatagramChannel sender = DatagramChannel.open().bind(new InetSocketAddress(HERE, 0));
    waits.add(
        until(
            "DatagramChannel.receive",
            () -> sender.send(ByteBuffer.allocate(3), channel.getLocalAddress()),
            () -> {
              ByteBuffer buffer = ByteBuffer.allocate(10);
              channel.receive(buffer);
              return buffer.position();
            },
            3));
  }

  private void selectors() throws IOException {
    Pipe pipe = Pipe.open();
    Selector selector = selector(pipe);
    waits.add(
        until(
            "Selector.select()",
            () -> pipe.sink().write(ByteBuffer.allocate(1)),
            selector::select,
            1));
    Selector woken = selector(Pipe.open());
    waits.add(until("Selector.select() until wakeup()", woken::wakeup, () -> woken.select(), 0));
    Selector timed = selector(Pipe.open());
    waits.add(timeout("Selector.select(timeout)", () -> timed.select(timeoutMs()), 0));
    Pipe later = Pipe.open();
    Selector longer = selector(later);
    waits.add(
        until(
            "Selector.select before the timeout",
            () -> later.sink().write(ByteBuffer.allocate(1)),
            () -> longer.select(60_000),
            1));
  }

  private static Selector selector(Pipe pipe) throws IOException {
    Selector selector = Selector.open();
    pipe.source().configureBlocking(false);
    pipe.source().register(selector, SelectionKey.OP_READ, pipe);
    return selector;
  }

  private void pipes() throws Exception {
    Pipe pipe = Pipe.open();
    waits.add(
        until(
            "Pipe read",
            () -> pipe.sink().write(ByteBuffer.allocate(1)),
            () -> pipe.source().read(ByteBuffer.allocate(1)),
            1));
    Path path = Files.createTempDirectory("fifo-").resolve("fifo");
    Program.checkEqual(Libc.call("mkfifo", Libc.string(path.toString()), 0600), 0, "mkfifo");
    RandomAccessFile fifo = new RandomAccessFile(path.toFile(), "rw"); // both ends: opens at once
    Files.delete(path);
    Files.delete(path.getParent());
    waits.add(until("FIFO read", () -> fifo.write(9), fifo::read, 9));
  }

  /** In a child, the parent's processes are not its own. */
  private void processes() throws IOException {
    Process process = new ProcessBuilder("sh", "-c", "read line; exit 5").start();
    waits.add(
        until(
                "Process.waitFor()",
                () -> {
                  process.getOutputStream().write('\n');
                  process.getOutputStream().close();
                },
                process::waitFor,
                5)
            .forProcess());
    Process endless = new ProcessBuilder("sleep", "40").start();
    KEPT.add(endless);
    waits.add(
        timeout(
                "Process.waitFor(timeout)",
                () -> {
                  boolean ended = endless.waitFor(timeoutMs(), TimeUnit.MILLISECONDS);
                  endless.destroyForcibly().waitFor();
                  return ended;
                },
                false)
            .forProcess());
  }

  private void watches(Path directory) throws IOException {
    WatchService watch = FileSystems.getDefault().newWatchService();
    directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
    long parent = Proc.self();
    // A child watches nothing until it registers again; to close the service wakes its thread there
    // as well.
    waits.add(
        until(
                "WatchService.take()",
                () -> {
                  if (Proc.self() == parent) {
                    Files.createFile(directory.resolve("new"));
                  } else {
                    watch.close();
                  }
                },
                () -> watch.take().isValid(),
                true)
            .inChild("java.nio.file.ClosedWatchServiceException"));
    WatchService quiet = FileSystems.getDefault().newWatchService();
    Path.of("/").register(quiet, StandardWatchEventKinds.ENTRY_DELETE);
    waits.add(
        timeout(
            "WatchService.poll(timeout)",
            () -> String.valueOf(quiet.poll(timeoutMs(), TimeUnit.MILLISECONDS)),
            "null"));
  }

  private void add(boolean virtual, Wait wait) {
    waits.add(virtual ? wait.virtual() : wait);
  }
}
