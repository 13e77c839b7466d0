package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.tine.fork.ForkedProcess;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** Threads in every kind of wait, while the process forks again and again. */
public final class Waits {
  private static final int FORKS = 20;

  /**
   * Long enough for all the forks on a slow machine to fall into it; whether they did is checked.
   */
  private static final long TIMED_MS = 4_000;

  private final List<Waiter> waiters = new ArrayList<>();
  private final List<AutoCloseable> resources = new ArrayList<>();

  private Waits() {}

  static void main() throws IOException {
    Program.serve(
        Map.of(
            "java waits", () -> new Waits().run(Waits::addJavaWaits),
            "blocking io", () -> new Waits().run(Waits::addBlockingIo),
            "native waits", () -> new Waits().run(Waits::addNativeWaits)));
  }

  private interface Group {
    void addTo(Waits waits) throws Exception;
  }

  /** A wait; it is over when {@code wake} has been called, or, if timed, after its time. */
  private static final class Waiter {
    final String name;
    final boolean timed;
    final Program.Step wake;
    private final Thread thread;
    volatile boolean began;
    volatile long elapsedNanos = -1;
    volatile String failure = "";

    Waiter(
        String name, boolean timed, Program.Step wait, Program.Step wake, Thread.Builder builder) {
      this.name = name;
      this.timed = timed;
      this.wake = wake;
      thread = builder.name(name).unstarted(() -> run(wait));
    }

    private void run(Program.Step wait) {
      long begin = System.nanoTime();
      began = true;
      try {
        wait.run();
      } catch (Throwable e) {
        failure = Program.trace(e);
      }
      elapsedNanos = System.nanoTime() - begin;
    }

    boolean isOver() {
      return elapsedNanos >= 0;
    }
  }

  private void run(Group group) throws Exception {
    try {
      group.addTo(this);
      waiters.forEach(waiter -> waiter.thread.start());
      waiters.forEach(waiter -> await(waiter.name + " begins", () -> waiter.began));
      long begin = System.nanoTime();
      List<ForkedProcess> children = new ArrayList<>();
      for (int i = 0; i < FORKS; i++) {
        children.add(Program.fork(this::checkInChild));
        LockSupport.parkNanos(
            20_000_000); // threads are to sit in their waits again, not on the way back to them
      }
      check(System.nanoTime() - begin < TIMED_MS * 900_000, "the forks took longer than the waits");
      checkUndisturbed(waiters);
      waiters.stream().filter(waiter -> waiter.timed).forEach(Waits::awaitTime);
      // Before anything is woken: children wait for the same pipes and sockets, and would take the
      // bytes away.
      for (ForkedProcess child : children) {
        Program.expectSuccess(child);
      }
      for (Waiter waiter : waiters) {
        if (!waiter.timed) {
          check(!waiter.isOver(), "%s returned before it was woken", waiter.name);
          waiter.wake.run();
          await(waiter.name + " wakes up", waiter::isOver);
          checkEqual(waiter.failure, "", waiter.name);
        }
      }
    } finally {
      for (AutoCloseable resource : resources) {
        resource.close();
      }
    }
  }

  /**
   * Ends of connections and pipes whose other end is another process's, and processes of the
   * parent's: a child is cut off from them at once.
   */
  private static final Set<String> DETACHED =
      Set.of(
          "SocketChannel.read",
          "Socket.read",
          "Socket.read(timed)",
          "virtual Socket.read",
          "read from a process",
          "Process.waitFor",
          "Process.waitFor(timed)");

  /**
   * The child wakes nobody, for it shares listeners with its parent; that its threads wait on is
   * seen.
   */
  private void checkInChild() {
    List<Waiter> waiting =
        waiters.stream().filter(waiter -> !DETACHED.contains(waiter.name)).toList();
    checkUndisturbed(waiting);
    waiting.stream().filter(waiter -> waiter.timed).forEach(Waits::awaitTime);
    checkUndisturbed(waiting.stream().filter(waiter -> !waiter.timed).toList());
  }

  private static void checkUndisturbed(List<Waiter> waiting) {
    for (Waiter waiter : waiting) {
      check(
          !waiter.isOver(),
          "%s returned early, after %d ms: %s",
          waiter.name,
          waiter.elapsedNanos / 1_000_000,
          waiter.failure);
    }
  }

  private static void awaitTime(Waiter waiter) {
    await(waiter.name + " is over", waiter::isOver);
    checkEqual(waiter.failure, "", waiter.name);
    check(
        waiter.elapsedNanos >= (TIMED_MS - 2) * 1_000_000,
        "%s took %d ms only",
        waiter.name,
        waiter.elapsedNanos / 1_000_000);
  }

  private void timed(String name, Program.Step wait) {
    waiters.add(new Waiter(name, true, wait, () -> {}, Thread.ofPlatform().daemon()));
  }

  private void untimed(String name, Program.Step wait, Program.Step wake) {
    waiters.add(new Waiter(name, false, wait, wake, Thread.ofPlatform().daemon()));
  }

  private <T extends AutoCloseable> T closing(T resource) {
    resources.add(resource);
    return resource;
  }

  // ---- waits of Java

  @SuppressWarnings("WaitNotInLoop") // a spurious wake-up is what is looked for
  private void addJavaWaits() throws Exception {
    Object monitor = new Object();
    boolean[] notified = {false};
    timed("Object.wait(timed)", () -> waitOnce(new Object(), TIMED_MS));
    untimed("Object.wait", () -> waitOnce(monitor, 0), () -> notifyOne(monitor, notified));
    timed("Thread.sleep", () -> Thread.sleep(TIMED_MS));
    timed("Thread.join(timed)", () -> Thread.currentThread().join(TIMED_MS));
    timed("LockSupport.parkNanos", () -> parkUntilTimeout(TIMED_MS * 1_000_000));
    var parked = Thread.ofPlatform().daemon();
    waiters.add(
        new Waiter(
            "LockSupport.park",
            false,
            LockSupport::park,
            () -> unpark("LockSupport.park"),
            parked));
    ReentrantLock lock = new ReentrantLock();
    var condition = lock.newCondition();
    timed(
        "Condition.await(timed)",
        () ->
            locked(
                lock,
                () ->
                    checkEqual(condition.await(TIMED_MS, TimeUnit.MILLISECONDS), false, "await")));
    untimed(
        "Condition.await",
        () -> locked(lock, condition::await),
        () -> locked(lock, condition::signalAll));
    Semaphore semaphore = new Semaphore(0);
    timed(
        "Semaphore.tryAcquire",
        () ->
            checkEqual(
                new Semaphore(0).tryAcquire(TIMED_MS, TimeUnit.MILLISECONDS), false, "tryAcquire"));
    untimed("Semaphore.acquire", semaphore::acquire, semaphore::release);
    CountDownLatch latch = new CountDownLatch(1);
    untimed("CountDownLatch.await", latch::await, latch::countDown);
    Process process = new ProcessBuilder("cat").start();
    closing(process.getOutputStream());
    closing(process.getInputStream());
    closing(process.getErrorStream());
    untimed(
        "Process.waitFor",
        () -> checkEqual(process.waitFor(), 0, "exit code"),
        () -> process.getOutputStream().close());
    timed(
        "Process.waitFor(timed)",
        () -> checkEqual(process.waitFor(TIMED_MS, TimeUnit.MILLISECONDS), false, "waitFor"));
    var virtualSleep = Thread.ofVirtual();
    waiters.add(
        new Waiter(
            "virtual Thread.sleep", true, () -> Thread.sleep(TIMED_MS), () -> {}, virtualSleep));
    Semaphore virtual = new Semaphore(0);
    waiters.add(
        new Waiter(
            "virtual Semaphore.acquire",
            false,
            virtual::acquire,
            virtual::release,
            Thread.ofVirtual()));
    synchronizedEntry();
  }

  private void synchronizedEntry() throws InterruptedException {
    Object monitor = new Object();
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          synchronized (monitor) {
            held.countDown();
            try {
              release.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        });
    held.await();
    untimed(
        "synchronized",
        () -> {
          synchronized (monitor) {
            check(release.getCount() == 0, "entered while another thread holds the monitor");
          }
        },
        release::countDown);
  }

  @SuppressWarnings("WaitNotInLoop") // a spurious wake-up is what is looked for
  private static void waitOnce(Object monitor, long millis) throws InterruptedException {
    synchronized (monitor) {
      monitor.wait(millis);
    }
  }

  private static void notifyOne(Object monitor, boolean[] notified) {
    synchronized (monitor) {
      notified[0] = true;
      monitor.notifyAll();
    }
  }

  private static void parkUntilTimeout(long nanos) {
    LockSupport.parkNanos(nanos);
  }

  private void unpark(String name) {
    waiters.stream()
        .filter(waiter -> waiter.name.equals(name))
        .forEach(waiter -> LockSupport.unpark(waiter.thread));
  }

  private static void locked(ReentrantLock lock, Program.Step step) throws Exception {
    lock.lock();
    try {
      step.run();
    } finally {
      lock.unlock();
    }
  }

  // ---- input and output

  private void addBlockingIo() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    Selector untimedSelector = closing(Selector.open());
    Selector timedSelector = closing(Selector.open());
    Pipe watched = Pipe.open();
    closing(watched.source());
    closing(watched.sink());
    watched.source().configureBlocking(false);
    watched.source().register(untimedSelector, SelectionKey.OP_READ);
    untimed(
        "Selector.select",
        () -> checkEqual(untimedSelector.select(), 1, "select"),
        () -> write(watched.sink()));
    timed("Selector.select(timed)", () -> checkEqual(timedSelector.select(TIMED_MS), 0, "select"));

    ServerSocketChannel server =
        closing(ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0)));
    SocketChannel client = closing(SocketChannel.open(server.getLocalAddress()));
    SocketChannel peer = closing(server.accept());
    untimed(
        "SocketChannel.read",
        () -> checkEqual(client.read(ByteBuffer.allocate(8)), 1, "read"),
        () -> write(peer));
    untimed(
        "ServerSocketChannel.accept",
        () -> server.accept().close(),
        () -> SocketChannel.open(server.getLocalAddress()).close());

    ServerSocket listener = closing(new ServerSocket(0, 10, loopback));
    Socket reader = closing(new Socket(loopback, listener.getLocalPort()));
    Socket writer = closing(listener.accept());
    untimed(
        "Socket.read",
        () -> checkEqual(reader.getInputStream().read(), (int) 'x', "read"),
        () -> writer.getOutputStream().write('x'));
    Socket impatient = closing(new Socket(loopback, listener.getLocalPort()));
    closing(listener.accept());
    impatient.setSoTimeout((int) TIMED_MS);
    timed("Socket.read(timed)", () -> timesOut(() -> impatient.getInputStream().read()));
    untimed(
        "ServerSocket.accept",
        () -> listener.accept().close(),
        () -> new Socket(loopback, listener.getLocalPort()).close());
    ServerSocket impatientListener = closing(new ServerSocket(0, 10, loopback));
    impatientListener.setSoTimeout((int) TIMED_MS);
    timed("ServerSocket.accept(timed)", () -> timesOut(impatientListener::accept));

    DatagramSocket receiver = closing(new DatagramSocket(0, loopback));
    untimed(
        "DatagramSocket.receive",
        () -> receiver.receive(new DatagramPacket(new byte[8], 8)),
        () -> sendTo(receiver.getLocalPort()));
    DatagramSocket impatientReceiver = closing(new DatagramSocket(0, loopback));
    impatientReceiver.setSoTimeout((int) TIMED_MS);
    timed(
        "DatagramSocket.receive(timed)",
        () -> timesOut(() -> impatientReceiver.receive(new DatagramPacket(new byte[8], 8))));

    Pipe pipe = Pipe.open();
    closing(pipe.source());
    closing(pipe.sink());
    untimed(
        "Pipe.read",
        () -> checkEqual(pipe.source().read(ByteBuffer.allocate(8)), 1, "read"),
        () -> write(pipe.sink()));
    addFifo();
    Process process = new ProcessBuilder("cat").start();
    closing(process.getOutputStream());
    closing(process.getErrorStream());
    InputStream output = closing(process.getInputStream());
    untimed(
        "read from a process",
        () -> checkEqual(output.read(), -1, "read"),
        () -> process.getOutputStream().close());
    var virtual = Thread.ofVirtual();
    Socket virtualReader = closing(new Socket(loopback, listener.getLocalPort()));
    Socket virtualWriter = closing(listener.accept());
    waiters.add(
        new Waiter(
            "virtual Socket.read",
            false,
            () -> checkEqual(virtualReader.getInputStream().read(), (int) 'x', "read"),
            () -> virtualWriter.getOutputStream().write('x'),
            virtual));
  }

  private void addFifo() throws IOException {
    Path fifo = Path.of(Objects.requireNonNull(System.getProperty("java.io.tmpdir")), "fifo");
    checkEqual(Libc.call("mkfifo", Libc.string(fifo.toString()), 0600), 0, "mkfifo");
    resources.add(() -> Files.deleteIfExists(fifo));
    // For reading and writing: opening it does not wait for the other side then.
    FileChannel channel =
        closing(FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE));
    untimed(
        "FileChannel.read of a FIFO",
        () -> checkEqual(channel.read(ByteBuffer.allocate(8)), 1, "read"),
        () -> Files.write(fifo, new byte[] {'x'}));
  }

  private static void timesOut(Program.Step step) throws Exception {
    try {
      step.run();
    } catch (SocketTimeoutException e) {
      return;
    }
    throw new AssertionError("it returned");
  }

  private static void write(java.nio.channels.WritableByteChannel channel) throws IOException {
    checkEqual(channel.write(ByteBuffer.wrap(new byte[] {'x'})), 1, "written");
  }

  private static void sendTo(int port) throws IOException {
    try (DatagramSocket sender = new DatagramSocket()) {
      sender.send(new DatagramPacket(new byte[] {'x'}, 1, InetAddress.getLoopbackAddress(), port));
    }
  }

  // ---- system calls

  private void addNativeWaits() throws Exception {
    Wire forPoll = closing(new Wire());
    MemorySegment polled = Libc.memory(8);
    polled.set(JAVA_INT, 0, forPoll.readEnd);
    polled.set(JAVA_SHORT, 4, (short) 1);
    untimed("poll", () -> checkEqual(Libc.call("poll", polled, 1L, -1), 1, "poll"), forPoll::ring);
    Wire forEpoll = closing(new Wire());
    int epoll = Libc.call("epoll_create1", 0);
    resources.add(() -> checkEqual(Libc.call("close", epoll), 0, "close"));
    MemorySegment event = Libc.memory(16);
    event.set(JAVA_INT, 0, 1);
    checkEqual(Libc.call("epoll_ctl", epoll, 1, forEpoll.readEnd, event), 0, "epoll_ctl");
    untimed(
        "epoll_wait",
        () -> checkEqual(Libc.call("epoll_wait", epoll, Libc.memory(16), 1, -1), 1, "epoll_wait"),
        forEpoll::ring);
    Wire forRead = closing(new Wire());
    untimed(
        "read",
        () -> checkEqual(Libc.call("read", forRead.readEnd, Libc.memory(8), 1L), 1, "read"),
        forRead::ring);
    timed(
        "nanosleep",
        () -> checkEqual(Libc.call("nanosleep", time(), Libc.memory(16)), 0, "nanosleep"));
    timed(
        "clock_nanosleep",
        () ->
            checkEqual(
                Libc.call("clock_nanosleep", 1, 0, time(), Libc.memory(16)), 0, "clock_nanosleep"));
    timed(
        "clock_nanosleep(absolute)",
        () ->
            checkEqual(
                Libc.call("clock_nanosleep", 1, 1, deadline(1), MemorySegment.NULL),
                0,
                "clock_nanosleep"));
    timed("sleep", () -> checkEqual(Libc.call("sleep", (int) (TIMED_MS / 1000)), 0, "sleep"));
    timed(
        "ppoll",
        () ->
            checkEqual(
                Libc.call("ppoll", MemorySegment.NULL, 0L, time(), MemorySegment.NULL),
                0,
                "ppoll"));
    timed(
        "select",
        () ->
            checkEqual(
                Libc.call(
                    "select",
                    0,
                    MemorySegment.NULL,
                    MemorySegment.NULL,
                    MemorySegment.NULL,
                    time()),
                0,
                "select"));
    MemorySegment semaphore = Libc.memory(32);
    checkEqual(Libc.call("sem_init", semaphore, 0, 0), 0, "sem_init");
    untimed(
        "sem_wait",
        () -> checkEqual(Libc.call("sem_wait", semaphore), 0, "sem_wait"),
        () -> checkEqual(Libc.call("sem_post", semaphore), 0, "sem_post"));
    MemorySegment never = Libc.memory(32);
    checkEqual(Libc.call("sem_init", never, 0, 0), 0, "sem_init");
    timed(
        "sem_timedwait",
        () -> checkEqual(Libc.call("sem_timedwait", never, deadline(0)), -110, "sem_timedwait"));
    long pausing = Libc.nativeThread("in-pause", "pause", MemorySegment.NULL);
    untimed(
        "pause",
        () -> checkEqual(Libc.call("pthread_join", pausing, MemorySegment.NULL), 0, "pthread_join"),
        () -> checkEqual(Libc.call("pthread_cancel", pausing), 0, "pthread_cancel"));
  }

  private static MemorySegment time() {
    MemorySegment time = Libc.memory(16);
    time.set(JAVA_LONG, 0, TIMED_MS / 1000);
    return time;
  }

  private static MemorySegment deadline(int clock) {
    MemorySegment time = Libc.memory(16);
    checkEqual(Libc.call("clock_gettime", clock, time), 0, "clock_gettime");
    time.set(JAVA_LONG, 0, time.get(JAVA_LONG, 0) + TIMED_MS / 1000);
    return time;
  }

  /** A pipe. */
  private static final class Wire implements AutoCloseable {
    final int readEnd;
    private final int writeEnd;

    Wire() {
      MemorySegment fds = Libc.memory(8);
      checkEqual(Libc.call("pipe", fds), 0, "pipe");
      readEnd = fds.get(JAVA_INT, 0);
      writeEnd = fds.get(JAVA_INT, 4);
    }

    void ring() {
      checkEqual(Libc.call("write", writeEnd, Libc.string("x"), 1L), 1, "write");
    }

    @Override
    public void close() {
      checkEqual(Libc.call("close", readEnd) + Libc.call("close", writeEnd), 0, "close");
    }
  }
}
