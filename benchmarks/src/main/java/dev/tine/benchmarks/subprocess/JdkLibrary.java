package dev.tine.benchmarks.subprocess;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** The JDK's ProcessBuilder: a thread for each child, and one for each stream that is read. */
final class JdkLibrary implements Library {
  @Override
  public void spawn(int count, int inFlight, int pipes) throws Exception {
    ProcessBuilder builder = new ProcessBuilder("/bin/true");
    if (pipes == 0) {
      builder.inheritIO();
    }
    if (inFlight == 1) {
      for (int i = 0; i < count; i++) {
        Process process = builder.start();
        process.waitFor();
        close(process);
      }
      return;
    }
    Semaphore room = new Semaphore(inFlight);
    for (int i = 0; i < count; i++) {
      room.acquire();
      Process process = builder.start();
      var _ =
          process
              .onExit()
              .thenRun(() -> {
                close(process);
                room.release();
              });
    }
    room.acquire(inFlight);
  }

  @Override
  public long endNanos(String... command) throws Exception {
    new ProcessBuilder(command).inheritIO().start().waitFor();
    return System.nanoTime();
  }

  @Override
  public Echo echo(int count, long bytesEach, CountDownLatch ended) throws Exception {
    List<Process> cats = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      cats.add(new ProcessBuilder("/bin/cat").start());
    }
    AtomicLong echoed = new AtomicLong();
    return new Echo() {
      @Override
      public void begin() {
        for (Process cat : cats) {
          Thread.ofPlatform().start(() -> write(cat.getOutputStream(), bytesEach));
          Thread.ofPlatform()
              .start(() -> {
                echoed.addAndGet(read(cat.getInputStream()));
                ended.countDown();
              });
        }
      }

      @Override
      public long echoed() {
        return echoed.get();
      }
    };
  }

  @Override
  public AutoCloseable live() throws Exception {
    Process process = new ProcessBuilder("/bin/cat").start();
    return () -> {
      close(process);
      process.waitFor();
    };
  }

  private static void write(OutputStream stdin, long bytes) {
    byte[] chunk = new byte[SpawnRun.CHUNK_BYTES];
    try (stdin) {
      for (long left = bytes; left > 0; left -= chunk.length) {
        stdin.write(chunk, 0, (int) Math.min(left, chunk.length));
        stdin.flush();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static long read(InputStream stdout) {
    byte[] chunk = new byte[SpawnRun.CHUNK_BYTES];
    long total = 0;
    try {
      for (int n = stdout.read(chunk); n >= 0; n = stdout.read(chunk)) {
        total += n;
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return total;
  }

  private static void close(Process process) {
    try {
      process.getOutputStream().close();
      process.getInputStream().close();
      process.getErrorStream().close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
