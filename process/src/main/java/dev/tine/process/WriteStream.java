package dev.tine.process;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.tine.sys.Errno;
import dev.tine.sys.FileCall;
import dev.tine.sys.Poller;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Input of a subprocess. A write is queued if the pipe is full; its future is done when its last
 * byte is in the pipe, and what was handed over may be changed as soon as the call returns.
 *
 * <p>Any number of writes may be under way, up to a number of bytes ({@link
 * Command#maxBufferBytes}): beyond that, and on a closed stream, a write throws at once and nothing
 * of it is written. A subprocess that closes its end closes the stream: the writes under way fail
 * with {@link StreamClosedException}.
 *
 * <p>Futures are completed where the {@link EventLoop} has its callbacks. All methods may be called
 * by any thread.
 */
public final class WriteStream implements AutoCloseable {
  private static final Logger LOG = System.getLogger(WriteStream.class.getName());

  /** Pieces that are written before others have their turn. */
  private static final int TURN_PIECES = 16;

  private final EventLoop loop;
  private final String name;
  private final int maxBufferBytes;
  private final Watch watch;
  private final ArrayDeque<Write> queue = new ArrayDeque<>(0);
  private final List<Runnable> closeCallbacks = new ArrayList<>(0);
  private long queuedBytes;
  private boolean finishing;
  private @Nullable Throwable error;

  /**
   * Takes over a descriptor that does not block.
   *
   * @param name for messages
   */
  WriteStream(EventLoop loop, String name, int fd, int maxBufferBytes) {
    this.loop = loop;
    this.name = name;
    this.maxBufferBytes = maxBufferBytes;
    this.watch = loop.watch(fd, new Watch.User(this::ready, () -> close(new DisownedException())));
  }

  /** Writes text as UTF-8. */
  public CompletableFuture<Void> write(String text) {
    return write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes bytes. */
  public CompletableFuture<Void> write(byte[] bytes) {
    return write(bytes, 0, bytes.length, loop.callbacks());
  }

  /**
   * Writes what remains in a buffer, whose position moves to its limit. Of a direct one nothing is
   * copied that there is room for in the pipe.
   */
  public CompletableFuture<Void> write(ByteBuffer buffer) {
    MemorySegment bytes = MemorySegment.ofBuffer(buffer);
    CompletableFuture<Void> written = write(bytes, loop.callbacks());
    buffer.position(buffer.limit());
    return written;
  }

  /**
   * Closes the stream when all that was written is in the pipe; the future is done then. Later
   * writes fail at once.
   */
  public CompletableFuture<Void> finish() {
    CompletableFuture<Void> future = new CompletableFuture<>();
    List<Runnable> deliveries = new ArrayList<>(1);
    synchronized (this) {
      finishing = true;
      if (watch.isClosed() || queue.isEmpty()) {
        deliveries.addAll(closedLocked(null));
        deliveries.add(Write.success(loop.callbacks(), future));
      } else {
        queue.add(new Write(new byte[0], loop.callbacks(), future));
      }
    }
    run(deliveries);
    return future;
  }

  /**
   * The same as a stream of {@code java.io}: a write returns when its last byte is in the pipe. A
   * virtual thread that waits does not hold its carrier. An interrupt ends a write with {@link
   * java.io.InterruptedIOException} and leaves the thread interrupted; what is queued is still
   * written.
   */
  public OutputStream asOutputStream() {
    return new BlockingOutput(this);
  }

  /**
   * Writes what one publisher has, one piece after the other, and closes the stream at its end. A
   * subprocess that closes its input cancels the subscription.
   */
  public Flow.Subscriber<ByteBuffer> asSubscriber() {
    return new WriteSubscriber(this);
  }

  /** Calls something once when the stream is closed, by the subprocess as well; soon, if it is. */
  public void onClose(Runnable callback) {
    List<Runnable> deliveries = new ArrayList<>(1);
    synchronized (this) {
      if (watch.isClosed()) {
        deliveries.add(() -> loop.call(loop.callbacks(), callback));
      } else {
        closeCallbacks.add(callback);
        if (queue.isEmpty()) {
          listen(0, deliveries); // errors are heard of without asking
        }
      }
    }
    run(deliveries);
  }

  /** Whether it was closed, by either end. */
  public synchronized boolean isClosed() {
    return watch.isClosed();
  }

  /** How much is still to be written. */
  public synchronized long queuedBytes() {
    return queuedBytes;
  }

  /**
   * Closes it now: what is queued is not written, and its futures fail. Does nothing the second
   * time.
   */
  @Override
  public void close() {
    close(null);
  }

  @Override
  public String toString() {
    return name;
  }

  /** Closes it for a reason. */
  void close(@Nullable Throwable reason) {
    List<Runnable> deliveries;
    synchronized (this) {
      deliveries = closedLocked(reason);
    }
    run(deliveries);
  }

  CompletableFuture<Void> write(byte[] bytes, int offset, int length, Executor place) {
    return write(MemorySegment.ofArray(bytes).asSlice(offset, length), place);
  }

  private CompletableFuture<Void> write(MemorySegment bytes, Executor place) {
    int length = (int) bytes.byteSize();
    CompletableFuture<Void> future = new CompletableFuture<>();
    List<Runnable> deliveries = new ArrayList<>(1);
    synchronized (this) {
      if (watch.isClosed() || finishing) {
        throw new StreamClosedException(name, error);
      }
      if (queuedBytes + length > maxBufferBytes && queuedBytes > 0) {
        throw new BufferFullException(
            name
                + " has "
                + queuedBytes
                + " bytes queued; "
                + length
                + " more would exceed the limit of "
                + maxBufferBytes
                + ": wait for the futures of earlier writes");
      }
      int written = queue.isEmpty() ? writeNow(bytes, deliveries) : 0;
      if (written == length && !watch.isClosed()) {
        deliveries.add(Write.success(place, future));
      } else if (watch.isClosed()) {
        deliveries.add(Write.failure(place, future, new StreamClosedException(name, error)));
      } else {
        queue.add(new Write(bytes.asSlice(written).toArray(JAVA_BYTE), place, future));
        queuedBytes += length - written;
        if (queue.size() == 1) {
          listen(Poller.WRITABLE, deliveries);
        }
      }
    }
    run(deliveries);
    return future;
  }

  private void ready(int events) {
    List<Runnable> deliveries = new ArrayList<>(1);
    synchronized (this) {
      if (watch.isClosed()) {
        return;
      }
      if (queue.isEmpty() && (events & (Poller.ERROR | Poller.HANGUP)) != 0) {
        deliveries.addAll(closedLocked(null));
      } else {
        drain(deliveries);
      }
    }
    run(deliveries);
  }

  private void drain(List<Runnable> deliveries) {
    for (Write next; (next = queue.peek()) != null && !watch.isClosed(); ) {
      int rest = next.bytes.length - next.written;
      int written = writeNow(MemorySegment.ofArray(next.bytes).asSlice(next.written), deliveries);
      next.written += written;
      queuedBytes -= written;
      if (watch.isClosed()) {
        return;
      }
      if (written < rest) {
        listen(Poller.WRITABLE, deliveries);
        return;
      }
      queue.remove();
      if (finishing && queue.isEmpty()) {
        deliveries.addAll(closedLocked(null));
      }
      deliveries.add(next.success());
    }
    if (!watch.isClosed() && !closeCallbacks.isEmpty()) {
      listen(0, deliveries);
    }
  }

  /** Writes until the pipe is full, or others have their turn; returns how much. May close. */
  private int writeNow(MemorySegment bytes, List<Runnable> deliveries) {
    if (!watch.isOurs()) {
      deliveries.addAll(closedLocked(new DisownedException()));
      return 0;
    }
    if (bytes.isNative()) {
      return writeNow(bytes, Optional.empty(), deliveries);
    }
    MemorySegment scratch = Scratch.borrow();
    try {
      return writeNow(bytes, Optional.of(scratch), deliveries);
    } finally {
      Scratch.giveBack(scratch);
    }
  }

  /** Through memory that the kernel can read from, unless it can do so anyway. */
  private int writeNow(
      MemorySegment bytes, Optional<MemorySegment> scratch, List<Runnable> deliveries) {
    long done = 0;
    for (int pieces = 0; done < bytes.byteSize() && pieces < TURN_PIECES; pieces++) {
      MemorySegment piece = bytes.asSlice(done, Math.min(bytes.byteSize() - done, Scratch.BYTES));
      long size = piece.byteSize();
      MemorySegment source = scratch.isPresent() ? scratch.get().copyFrom(piece) : piece;
      long n = FileCall.write(watch.fd(), source, size);
      if (n >= 0) {
        done += n;
      } else if (n == -Errno.EAGAIN) {
        break;
      } else if (n != -Errno.EINTR) {
        deliveries.addAll(closedLocked(failure((int) -n)));
        break;
      }
    }
    return (int) done;
  }

  private IOException failure(int errno) {
    if (errno != Errno.EPIPE && errno != Errno.EIO) { // these are how the other end closes
      LOG.log(Level.WARNING, "Write to {0} failed: {1}", name, Errno.text(errno));
    }
    return new IOException("write: " + Errno.text(errno));
  }

  private void listen(int events, List<Runnable> deliveries) {
    try {
      watch.arm(events);
    } catch (IllegalStateException e) { // the kernel is out of something
      deliveries.addAll(closedLocked(e));
    }
  }

  private List<Runnable> closedLocked(@Nullable Throwable reason) {
    List<Runnable> deliveries = new ArrayList<>();
    if (watch.isClosed()) {
      return deliveries;
    }
    error = reason;
    watch.close();
    for (Write write : queue) {
      deliveries.add(write.failure(new StreamClosedException(name, reason)));
    }
    queue.clear();
    queuedBytes = 0;
    for (Runnable callback : closeCallbacks) {
      deliveries.add(() -> loop.call(loop.callbacks(), callback));
    }
    closeCallbacks.clear();
    return deliveries;
  }

  private static void run(List<Runnable> deliveries) {
    deliveries.forEach(Runnable::run);
  }
}
