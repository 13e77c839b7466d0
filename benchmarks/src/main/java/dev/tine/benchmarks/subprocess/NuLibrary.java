package dev.tine.benchmarks.subprocess;

import com.zaxxer.nuprocess.NuAbstractProcessHandler;
import com.zaxxer.nuprocess.NuProcess;
import com.zaxxer.nuprocess.NuProcessBuilder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** NuProcess; its programs always have three pipes. */
final class NuLibrary implements Library {
  @Override
  public void spawn(int count, int inFlight, int pipes) throws Exception {
    Semaphore room = new Semaphore(inFlight);
    for (int i = 0; i < count; i++) {
      room.acquire();
      start(
          new NuAbstractProcessHandler() {
            @Override
            public void onExit(int status) {
              room.release();
            }
          },
          "/bin/true");
    }
    room.acquire(inFlight);
  }

  @Override
  public long endNanos(String... command) throws Exception {
    CompletableFuture<Long> end = new CompletableFuture<>();
    start(
        new NuAbstractProcessHandler() {
          @Override
          public void onExit(int status) {
            end.complete(System.nanoTime());
          }
        },
        command);
    return end.get();
  }

  @Override
  public Echo echo(int count, long bytesEach, CountDownLatch ended) {
    AtomicLong echoed = new AtomicLong();
    List<NuProcess> cats = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      cats.add(start(new Cat(bytesEach, echoed, ended), "/bin/cat"));
    }
    return new Echo() {
      @Override
      public void begin() {
        cats.forEach(NuProcess::wantWrite);
      }

      @Override
      public long echoed() {
        return echoed.get();
      }
    };
  }

  @Override
  public AutoCloseable live() {
    NuProcess cat = start(new NuAbstractProcessHandler() {}, "/bin/cat");
    return () -> {
      cat.closeStdin(true);
      cat.waitFor(10, TimeUnit.SECONDS);
    };
  }

  private static NuProcess start(NuAbstractProcessHandler handler, String... command) {
    NuProcessBuilder builder = new NuProcessBuilder(command);
    builder.setProcessListener(handler);
    return builder.start();
  }

  private static final class Cat extends NuAbstractProcessHandler {
    private static final byte[] CHUNK = new byte[SpawnRun.CHUNK_BYTES];
    private final AtomicLong echoed;
    private final CountDownLatch ended;
    private long left;
    private @Nullable NuProcess process;

    Cat(long bytes, AtomicLong echoed, CountDownLatch ended) {
      left = bytes;
      this.echoed = echoed;
      this.ended = ended;
    }

    @Override
    public void onPreStart(NuProcess starting) {
      process = starting;
    }

    @Override
    public boolean onStdinReady(ByteBuffer buffer) {
      int size = (int) Math.min(left, Math.min(buffer.remaining(), CHUNK.length));
      buffer.put(CHUNK, 0, size);
      buffer.flip();
      left -= size;
      if (left == 0 && process != null) {
        process.closeStdin(false);
      }
      return left > 0;
    }

    @Override
    public void onStdout(ByteBuffer buffer, boolean closed) {
      echoed.addAndGet(buffer.remaining());
      buffer.position(buffer.limit());
      if (closed) {
        ended.countDown();
      }
    }
  }
}
