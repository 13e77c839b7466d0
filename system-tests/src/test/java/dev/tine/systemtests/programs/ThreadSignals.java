package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tine.fork.ForkedProcess;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Signals that are on their way to a thread when the fork comes. */
@SuppressWarnings("restricted") // tests call what Java has no words for
final class ThreadSignals {
  private ThreadSignals() {}

  /**
   * A channel is closed under a thread that is blocked in it by a signal to that thread, which may
   * be on its way when the fork comes.
   */
  static void wakeUpSignal() throws Exception {
    var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    for (int i = 0; i < 30; i++) {
      try (var server = ServerSocketChannel.open().bind(here);
          var client = SocketChannel.open(server.getLocalAddress());
          var connection = server.accept()) {
        int spins = i * 300; // another moment of the fork each time
        if (i % 2 == 0) {
          closeWhileForking(server, server::accept, spins, "closed");
        } else {
          closeWhileForking(
              connection,
              () -> connection.read(ByteBuffer.allocate(1)),
              spins,
              // Connections are the parent's; in the child the read fails, or is closed before.
              "closed|.*Transport endpoint is not connected");
        }
        check(client.isOpen(), "the other end was closed");
      }
    }
  }

  private static void closeWhileForking(
      Channel channel, Callable<Object> blocking, int spins, String inChild) throws Exception {
    var tid = new AtomicLong();
    var outcome = new AtomicReference<>("");
    Runnable block =
        () -> {
          tid.set(Libc.gettid());
          try {
            outcome.set("returned " + blocking.call());
          } catch (ClosedChannelException e) {
            outcome.set("closed");
          } catch (Exception e) {
            outcome.set(e.toString());
          }
        };
    Thread blocked = Thread.ofPlatform().name("blocked").daemon().start(block);
    await("blocked thread", () -> waitsIn((int) tid.get()));
    var go = new CountDownLatch(1);
    Runnable close =
        () -> {
          try {
            go.await();
            for (int spin = 0; spin < spins; spin++) {
              Thread.onSpinWait();
            }
            channel.close();
          } catch (InterruptedException | IOException e) {
            throw new AssertionError(e);
          }
        };
    Thread closer = Thread.ofPlatform().name("closer").daemon().start(close);
    go.countDown();
    ForkedProcess child =
        Program.fork(() -> {
          checkWoken(closer, blocked);
          check(outcome.get().matches(inChild), "outcome in the child: %s", outcome);
        });
    checkWoken(closer, blocked);
    checkEqual(outcome.get(), "closed", "outcome");
    Program.expectSuccess(child);
  }

  private static void checkWoken(Thread closer, Thread blocked) throws InterruptedException {
    check(closer.join(Program.LIMIT), "close() hangs");
    check(blocked.join(Program.LIMIT), "the blocked thread was not woken");
  }

  /**
   * A signal that is sent to a thread in a system call, and not yet delivered when the fork comes.
   */
  static void pendingSignal() throws Exception {
    MemorySegment ends = Libc.memory(8);
    checkEqual(Libc.call("pipe", ends), 0, "pipe");
    var tid = new AtomicLong();
    var pending = new AtomicReference<>("");
    // The signal is blocked: so it is pending for certain.
    Thread reader =
        Thread.ofPlatform()
            .name("reader")
            .start(() -> {
              Libc.mask(true, ThreadAttributes.SIGWINCH);
              checkEqual(
                  Libc.call("pthread_kill", Libc.self(), ThreadAttributes.SIGWINCH),
                  0,
                  "pthread_kill");
              tid.set(Libc.gettid());
              checkEqual(Libc.call("read", ends.get(JAVA_INT, 0), Libc.memory(1), 1L), 1, "read");
              MemorySegment set = Libc.memory(128);
              checkEqual(Libc.call("sigpending", set), 0, "sigpending");
              pending.set(Long.toHexString(set.get(JAVA_LONG, 0)));
            });
    await("reader", () -> waitsIn((int) tid.get()));
    Program.Step goOn =
        () -> {
          checkEqual(Libc.call("write", ends.get(JAVA_INT, 4), Libc.memory(1), 1L), 1, "write");
          check(reader.join(Program.LIMIT), "the reader hangs");
          checkEqual(
              pending.get(),
              Long.toHexString(1L << (ThreadAttributes.SIGWINCH - 1)),
              "pending signals");
        };
    ForkedProcess child = Program.fork(goOn);
    goOn.run();
    Program.expectSuccess(child);
  }

  /** In read(2) or accept(2), not in a lock. */
  private static boolean waitsIn(int tid) {
    try {
      return tid != 0
          && Files.readString(Path.of("/proc/self/task/" + tid + "/syscall"))
              .matches("(?s)(0|43|288) .*");
    } catch (IOException e) {
      return false;
    }
  }
}
