package dev.tine.process;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

  private final EventLoop loop;
  private final Intake intake;

  /**
   * Takes over a descriptor that does not block.
   *
   * @param name for messages
   */
  ReadStream(EventLoop loop, String name, int fd, int maxBufferBytes) {
    this.loop = loop;
    this.intake = new Intake(loop, name, fd, maxBufferBytes);
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
    intake.onClose(callback);
  }

  /** Whether it has ended, failed or been closed. What is buffered can still be read. */
  public boolean isClosed() {
    return intake.isClosed();
  }

  /**
   * Closes it; does nothing the second time. A subprocess that writes on gets SIGPIPE. A read until
   * close gets what is buffered, as does one that this is enough for; others fail.
   */
  @Override
  public void close() {
    intake.close(null);
  }

  @Override
  public String toString() {
    return intake.toString();
  }

  /** What is buffered, which stays there. */
  byte[] peek() {
    return intake.peek();
  }

  /** How many bytes can be read without waiting; there may be more in the pipe. */
  int buffered() {
    return intake.buffered();
  }

  /** As {@link #readSome}, with its future completed elsewhere. */
  ReadFuture<byte[]> read(int maxBytes, Executor place) {
    return read(new ReadRequest.Count(place, maxBytes, true));
  }

  /** The name that /proc has for its pipe. */
  Optional<String> pipe() {
    return intake.pipe();
  }

  <T> ReadFuture<T> read(ReadRequest<T> request) {
    return intake.read(request);
  }

  private static int atLeastZero(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("a number of bytes below 0: " + count);
    }
    return count;
  }
}
