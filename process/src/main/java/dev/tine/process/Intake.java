package dev.tine.process;

import dev.tine.sys.Errno;
import dev.tine.sys.FileCall;
import dev.tine.sys.Poller;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The inside of a {@link ReadStream}: takes from a pipe what the read that is under way needs, and
 * what is left over into a buffer.
 *
 * <p>All methods may be called by any thread. Futures are completed, and callbacks called, outside
 * of the lock: they may read on.
 */
final class Intake {
  private static final Logger LOG = System.getLogger(ReadStream.class.getName());

  private static final MemorySegment NO_ROOM = MemorySegment.NULL;

  /** Chunks that are read before others have their turn. */
  private static final int TURN_CHUNKS = 16;

  private final EventLoop loop;
  private final String name;
  private final int maxBufferBytes;
  private final Watch watch;
  private final ByteQueue buffer = new ByteQueue();
  private final List<Runnable> closeCallbacks = new ArrayList<>(0);
  private @Nullable ReadRequest<?> pending;
  private @Nullable Throwable error;

  /**
   * Takes over a descriptor that does not block.
   *
   * @param name for messages
   */
  Intake(EventLoop loop, String name, int fd, int maxBufferBytes) {
    this.loop = loop;
    this.name = name;
    this.maxBufferBytes = maxBufferBytes;
    this.watch = loop.watch(fd, new Watch.User(this::ready, () -> close(new DisownedException())));
  }

  /** Calls something once when it is closed; soon, if it is already. */
  void onClose(Runnable callback) {
    List<Runnable> deliveries = new ArrayList<>(1);
    synchronized (this) {
      if (watch.isClosed()) {
        deliveries.add(() -> loop.call(loop.callbacks(), callback));
      } else {
        closeCallbacks.add(callback);
        listenWhenIdle(deliveries);
      }
    }
    run(deliveries);
  }

  synchronized boolean isClosed() {
    return watch.isClosed();
  }

  /** Closes it for a reason, if there is one; does nothing the second time. */
  void close(@Nullable Throwable reason) {
    List<Runnable> deliveries;
    synchronized (this) {
      deliveries = closedLocked(reason);
    }
    run(deliveries);
  }

  @Override
  public String toString() {
    return name;
  }

  /** What is buffered, which stays there. */
  synchronized byte[] peek() {
    return buffer.copy();
  }

  /** How many bytes can be read without waiting; there may be more in the pipe. */
  synchronized int buffered() {
    return buffer.size();
  }

  /** The name that /proc has for its pipe. */
  synchronized Optional<String> pipe() {
    if (watch.isClosed()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readSymbolicLink(Path.of("/proc/self/fd/" + watch.fd())).toString());
    } catch (IOException e) {
      return Optional.empty(); // no /proc
    }
  }

  /**
   * Begins a read. Throws {@link IllegalStateException} if one is under way, and {@link
   * StreamClosedException} if it is closed and what is buffered is not enough.
   */
  <T> ReadFuture<T> read(ReadRequest<T> request) {
    List<Runnable> deliveries = new ArrayList<>(1);
    synchronized (this) {
      if (pending != null) {
        throw new IllegalStateException(
            name + " is being read already: one read at a time, wait for its future or cancel it");
      }
      pending = request;
      request.future.begin(() -> withdraw(request));
      if (satisfy(true, deliveries)) {
        listenWhenIdle(deliveries);
      } else if (!watch.isClosed()) {
        listen(deliveries);
      } else if (request.lengthAtEnd(buffer) != ReadRequest.NOT_YET) {
        deliver(request, request.lengthAtEnd(buffer), deliveries);
      } else {
        pending = null;
        throw new StreamClosedException(name, error);
      }
    }
    run(deliveries);
    return request.future;
  }

  /** Ends a read that nothing was taken for yet. */
  private synchronized boolean withdraw(ReadRequest<?> request) {
    if (pending != request) {
      return false;
    }
    pending = null;
    return true;
  }

  private void ready(int events) {
    List<Runnable> deliveries = new ArrayList<>(1);
    synchronized (this) {
      if (!watch.isClosed() && (pending != null || isIdleAndHeard())) {
        try {
          fill(deliveries);
        } catch (OutOfMemoryError e) { // or who reads would wait for ever: nothing is listened for
          fail(e, deliveries);
        }
      } else if (!watch.isClosed()) {
        watch.unwanted();
      }
    }
    run(deliveries);
  }

  /** Not with what is buffered: bytes are lost. */
  private void fail(Throwable failure, List<Runnable> deliveries) {
    ReadRequest<?> request = pending;
    pending = null;
    if (request != null) {
      deliveries.add(request.failure(failure));
    }
    deliveries.addAll(closedLocked(failure));
  }

  /** Reads as much as the pending read needs; without one, a single chunk. */
  private void fill(List<Runnable> deliveries) {
    int chunks = 0;
    do {
      if (!watch.isOurs()) {
        deliveries.addAll(closedLocked(new DisownedException()));
        return;
      }
      MemorySegment room = buffer.isEmpty() ? room() : NO_ROOM;
      boolean direct = room.byteSize() > 0;
      MemorySegment place = direct ? room : loop.readBuffer();
      long n = FileCall.read(watch.fd(), place, place.byteSize());
      if (n > 0 && direct) {
        taken((int) n, deliveries);
      } else if (n > 0) {
        buffer.append(place, (int) n);
        if (buffer.size() > maxBufferBytes) {
          var full = new BufferFullException(name + " has more than " + maxBufferBytes + " bytes");
          LOG.log(Level.ERROR, full.getMessage() + " to be read at once; it is closed");
          deliveries.addAll(closedLocked(full));
          return;
        }
        satisfy(false, deliveries);
      } else if (n == -Errno.EAGAIN) {
        break;
      } else if (n == 0 || n == -Errno.EIO) { // EIO: nobody has the terminal open any more
        deliveries.addAll(closedLocked(null));
        return;
      } else if (n != -Errno.EINTR) {
        deliveries.addAll(closedLocked(new IOException("read: " + Errno.text((int) -n))));
        return;
      }
    } while (pending != null && ++chunks < TURN_CHUNKS);
    if (pending == null || satisfy(true, deliveries)) {
      listenWhenIdle(deliveries);
    } else if (!watch.isClosed()) {
      listen(deliveries);
    }
  }

  /** Where the bytes of the pending read can go without a copy. */
  private MemorySegment room() {
    return pending == null ? NO_ROOM : pending.room().orElse(NO_ROOM);
  }

  private void taken(int count, List<Runnable> deliveries) {
    if (pending != null) {
      deliveries.add(taken(pending, count));
      pending = null;
    }
  }

  private static <T> Runnable taken(ReadRequest<T> request, int count) {
    return request.delivery(request.taken(count));
  }

  /** Answers the pending read if what is buffered does; else false. */
  private boolean satisfy(boolean last, List<Runnable> deliveries) {
    ReadRequest<?> request = pending;
    if (request == null) {
      return true;
    }
    try {
      int length = request.length(buffer, last);
      if (length == ReadRequest.NOT_YET) {
        return false;
      }
      deliver(request, length, deliveries);
    } catch (UnsatisfiableReadException e) {
      LOG.log(Level.INFO, "Unsatisfiable read of " + name + ", which is closed: " + e.getMessage());
      if (watch.isClosed()) {
        pending = null;
        deliveries.add(request.failure(new StreamClosedException(name, e)));
      } else {
        deliveries.addAll(closedLocked(e));
      }
    } catch (Throwable e) { // of a pattern: too deep, for one
      pending = null;
      deliveries.add(request.failure(e));
    }
    return true;
  }

  private <T> void deliver(ReadRequest<T> request, int length, List<Runnable> deliveries) {
    pending = null;
    deliveries.add(request.delivery(request.take(buffer, length)));
  }

  /** Ends the pending read of a closed stream: with what is left, or without success. */
  private void settleAtEnd(List<Runnable> deliveries) {
    ReadRequest<?> request = pending;
    if (request == null) {
      return;
    }
    pending = null;
    int length = ReadRequest.NOT_YET;
    if (!(error instanceof UnsatisfiableReadException)) {
      try {
        length = request.lengthAtEnd(buffer);
      } catch (UnsatisfiableReadException e) {
        error = e;
      }
    }
    if (length == ReadRequest.NOT_YET) {
      deliveries.add(request.failure(new StreamClosedException(name, error)));
    } else {
      deliver(request, length, deliveries);
    }
  }

  private List<Runnable> closedLocked(@Nullable Throwable reason) {
    List<Runnable> deliveries = new ArrayList<>();
    if (watch.isClosed()) {
      return deliveries;
    }
    error = reason;
    watch.close();
    settleAtEnd(deliveries);
    for (Runnable callback : closeCallbacks) {
      deliveries.add(() -> loop.call(loop.callbacks(), callback));
    }
    closeCallbacks.clear();
    return deliveries;
  }

  private void listenWhenIdle(List<Runnable> deliveries) {
    if (pending == null && !watch.isClosed() && isIdleAndHeard()) {
      listen(deliveries);
    }
  }

  /** Whether somebody wants to hear of its end, and nothing is buffered: then one chunk may be. */
  private boolean isIdleAndHeard() {
    return !closeCallbacks.isEmpty() && buffer.isEmpty();
  }

  private void listen(List<Runnable> deliveries) {
    try {
      watch.armLasting(Poller.READABLE);
    } catch (IllegalStateException e) { // the kernel is out of something
      deliveries.addAll(closedLocked(e));
    }
  }

  private static void run(List<Runnable> deliveries) {
    deliveries.forEach(Runnable::run);
  }
}
