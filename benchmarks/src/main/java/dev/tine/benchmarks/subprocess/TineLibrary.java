package dev.tine.benchmarks.subprocess;

import dev.tine.process.Command;
import dev.tine.process.EventLoop;
import dev.tine.process.ReadStream;
import dev.tine.process.Stdio;
import dev.tine.process.StreamClosedException;
import dev.tine.process.Subprocess;
import dev.tine.process.WriteStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** This project's, from a thread that waits or wholly on the thread of its loop. */
final class TineLibrary implements Library {
  private final boolean onLoop;
  private final EventLoop loop;

  TineLibrary(boolean onLoop) {
    this.onLoop = onLoop;
    loop = EventLoop.open("benchmark", EventLoop.ON_LOOP);
  }

  @Override
  public void spawn(int count, int inFlight, int pipes) throws Exception {
    Stdio stdio = pipes == 0 ? Stdio.INHERIT : Stdio.STREAM;
    Command command = Command.of("/bin/true").stdin(stdio).stdout(stdio).stderr(stdio).loop(loop);
    if (onLoop) {
      chain(command, count, inFlight);
    } else if (inFlight == 1) {
      for (int i = 0; i < count; i++) {
        Subprocess process = command.start();
        process.waitFor();
        process.close();
      }
    } else {
      Semaphore room = new Semaphore(inFlight);
      for (int i = 0; i < count; i++) {
        room.acquire();
        Subprocess process = command.start();
        process.onExit(status -> {
          process.close();
          room.release();
        });
      }
      room.acquire(inFlight);
    }
  }

  @Override
  public long endNanos(String... command) throws Exception {
    Command program = Command.of(command).loop(loop);
    if (!onLoop) {
      program.start().waitFor();
      return System.nanoTime();
    }
    CompletableFuture<Long> end = new CompletableFuture<>();
    program.start().onExit(status -> end.complete(System.nanoTime()));
    return end.get();
  }

  @Override
  public Echo echo(int count, long bytesEach, CountDownLatch ended) {
    List<Pump> pumps = new ArrayList<>();
    Command cat = Command.of("/bin/cat").stdin(Stdio.STREAM).stdout(Stdio.STREAM).loop(loop);
    for (int i = 0; i < count; i++) {
      pumps.add(new Pump(cat.start(), bytesEach, ended));
    }
    return new Echo() {
      @Override
      public void begin() {
        pumps.forEach(Pump::begin);
      }

      @Override
      public long echoed() {
        return pumps.stream().mapToLong(pump -> pump.echoed.get()).sum();
      }
    };
  }

  @Override
  public AutoCloseable live() {
    return Command.of("/bin/cat")
        .stdin(Stdio.STREAM)
        .stdout(Stdio.STREAM)
        .stderr(Stdio.STREAM)
        .loop(loop)
        .start();
  }

  /** Each end starts the next program, on the loop. */
  private static void chain(Command command, int count, int inFlight) throws InterruptedException {
    AtomicInteger left = new AtomicInteger(count);
    CountDownLatch ended = new CountDownLatch(count);
    for (int i = 0; i < inFlight; i++) {
      next(command, left, ended);
    }
    ended.await();
  }

  private static void next(Command command, AtomicInteger left, CountDownLatch ended) {
    if (left.getAndDecrement() > 0) {
      Subprocess process = command.start();
      process.onExit(status -> {
        process.close();
        ended.countDown();
        next(command, left, ended);
      });
    }
  }

  /** One {@code cat}, written to and read from as long as that needs no wait. */
  private static final class Pump {
    private final WriteStream stdin;
    private final ReadStream stdout;
    private final CountDownLatch ended;
    private final ByteBuffer written = ByteBuffer.allocateDirect(SpawnRun.CHUNK_BYTES);
    private final ByteBuffer read = ByteBuffer.allocateDirect(SpawnRun.CHUNK_BYTES);
    private long left;
    private final AtomicLong echoed = new AtomicLong();

    Pump(Subprocess cat, long bytes, CountDownLatch ended) {
      stdin = cat.stdin();
      stdout = cat.stdout();
      left = bytes;
      this.ended = ended;
    }

    void begin() {
      read();
      write();
    }

    private void write() {
      while (left > 0) {
        written.clear();
        written.limit((int) Math.min(left, SpawnRun.CHUNK_BYTES));
        left -= written.remaining();
        CompletableFuture<Void> done = stdin.write(written);
        if (!done.isDone()) {
          var _ = done.thenRun(this::write);
          return;
        }
      }
      stdin.close();
    }

    private void read() {
      while (true) {
        read.clear();
        CompletableFuture<Integer> done;
        try {
          done = stdout.readSomeInto(read);
        } catch (StreamClosedException e) {
          ended.countDown();
          return;
        }
        if (!done.isDone()) {
          var _ =
              done.whenComplete((count, error) -> {
                if (error != null) {
                  ended.countDown();
                } else {
                  echoed.addAndGet(count);
                  read();
                }
              });
          return;
        }
        echoed.addAndGet(done.join());
      }
    }
  }
}
