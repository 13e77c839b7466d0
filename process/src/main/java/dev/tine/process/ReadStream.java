package dev.tine.process;

import dev.tine.sys.Errno;
import dev.tine.sys.FileCall;
import dev.tine.sys.Poller;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Output of a subprocess, read on demand: with no read under way nothing is taken from the pipe,
 * and the subprocess waits when it is full.
 *
 * <p>One read at a time: a second fails with {@link IllegalStateException}. A read that is not
 * wanted any more is ended by cancelling its future, and loses no bytes. A read of a closed stream
 * that what is buffered does not answer throws {@link StreamClosedException} at once; one that the
 * end overtakes fails with it.
 *
 * <p>Futures are completed where the {@link EventLoop} has its callbacks. All methods may be called
 * by any thread.
 */
public final class ReadStream implements AutoCloseable {
  /** What is buffered at most, unless {@link Command#maxBufferBytes} says otherwise: 100 MiB. */
  public static final int MAX_BUFFER_BYTES = 104_857_600;

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
  ReadStream(EventLoop loop, String name, int fd, int maxBufferBytes) {
    this.loop = loop;
    this.name = name;
    this.maxBufferBytes = maxBufferBytes;
    this.watch = loop.watch(fd, new Watch.User(this::ready, () -> close(new DisownedException())));
  }

  /** Reads up to and with a delimiter, which is not empty. */
  public CompletableFuture<byte[]> readUntil(String delimiter) {
    return readUntil(delimiter.getBytes(StandardCharsets.UTF_8), ReadRequest.UNLIMITED);
  }

  /** Reads up to and with a delimiter, which is not empty. */
  public CompletableFuture<byte[]> readUntil(byte[] delimiter) {
    return readUntil(delimiter, ReadRequest.UNLIMITED);
  }

  /**
   * Reads up to and with a delimiter, which is not empty. If that is not within the limit, the
   * stream is closed for an {@link UnsatisfiableReadException}.
   */
  public CompletableFuture<byte[]> readUntil(byte[] delimiter, int maxBytes) {
    if (delimiter.length == 0) {
      throw new IllegalArgumentException("the delimiter is empty");
    }
    return read(new ReadRequest.Until(loop.callbacks(), delimiter.clone(), maxBytes));
  }

  /**
   * Reads up to the end of the first match. Each byte is one character to the pattern, as in
   * ISO-8859-1.
   */
  public CompletableFuture<byte[]> readUntilRegex(String pattern) {
    return readUntilRegex(Pattern.compile(pattern), ReadRequest.UNLIMITED);
  }

  /**
   * Reads up to the end of the first match. Each byte is one character to the pattern, as in
   * ISO-8859-1. If the match does not end within the limit, the stream is closed for an {@link
   * UnsatisfiableReadException}.
   */
  public CompletableFuture<byte[]> readUntilRegex(Pattern pattern, int maxBytes) {
    return read(new ReadRequest.UntilMatch(loop.callbacks(), pattern, maxBytes));
  }

  /** Reads exactly as many bytes. */
  public CompletableFuture<byte[]> readBytes(int count) {
    return read(new ReadRequest.Count(loop.callbacks(), atLeastZero(count), false));
  }

  /** Reads what is there, at least one byte and at most as many. */
  public CompletableFuture<byte[]> readSome(int maxBytes) {
    return read(new ReadRequest.Count(loop.callbacks(), atLeastZero(maxBytes), true));
  }

  /** Fills a buffer, which belongs to the stream until then; answers the number of bytes. */
  public CompletableFuture<Integer> readInto(ByteBuffer target) {
    return read(new ReadRequest.Into(loop.callbacks(), target, false));
  }

  /** Puts what is there, at least one byte, into a buffer; answers the number of bytes. */
  public CompletableFuture<Integer> readSomeInto(ByteBuffer target) {
    return read(new ReadRequest.Into(loop.callbacks(), target, true));
  }

  /** Reads all that comes until the stream ends; of a closed stream, what is left. */
  public CompletableFuture<byte[]> readUntilClose() {
    return read(new ReadRequest.UntilClose(loop.callbacks()));
  }

  /**
   * The same bytes as a stream of {@code java.io}. A virtual thread that reads it does not hold its
   * carrier. An interrupt ends a read with {@link java.io.InterruptedIOException}, loses no bytes,
   * and leaves the thread interrupted.
   */
  public InputStream asInputStream() {
    return new BlockingInput(this);
  }

  /**
   * The text in lines, for a thread that waits for them. No character is split; what is not of the
   * charset becomes a replacement character.
   */
  public Stream<String> lines(Charset charset) {
    return new BufferedReader(new InputStreamReader(asInputStream(), charset)).lines();
  }

  /**
   * The same bytes for one subscriber, in pieces as they come; reads only what is asked for.
   * Cancelling closes the stream.
   */
  public Flow.Publisher<ByteBuffer> asPublisher() {
    return new ReadPublisher(this, loop);
  }

  /**
   * Calls something once when the stream is closed, by its end, an error or {@link #close()}; soon,
   * if it is already. While the stream has such callbacks and no read, it takes one chunk from the
   * pipe, or it could not notice its end.
   */
  public void onClose(Runnable callback) {
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

  /** Whether it has ended, failed or been closed. What is buffered can still be read. */
  public synchronized boolean isClosed() {
    return watch.isClosed();
  }

  /**
   * Closes it; does nothing the second time. A subprocess that writes on gets SIGPIPE. A read until
   * close gets what is buffered, as does one that this is enough for; others fail.
   */
  @Override
  public void close() {
    run(closed(null));
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

  /** Closes it for a reason. */
  void close(Throwable reason) {
    run(closed(reason));
  }

  /** As {@link #readSome}, with its future completed elsewhere. */
  ReadFuture<byte[]> read(int maxBytes, Executor place) {
    return read(new ReadRequest.Count(place, maxBytes, true));
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

  private List<Runnable> closed(@Nullable Throwable reason) {
    synchronized (this) {
      return closedLocked(reason);
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

  private static int atLeastZero(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("a number of bytes below 0: " + count);
    }
    return count;
  }
}
