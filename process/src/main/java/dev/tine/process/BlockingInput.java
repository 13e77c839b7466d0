package dev.tine.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** A {@link ReadStream} for code that waits. */
final class BlockingInput extends InputStream {
  private final ReadStream stream;
  private boolean closed;

  BlockingInput(ReadStream stream) {
    this.stream = stream;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    synchronized (this) {
      if (closed) {
        throw new IOException("Stream closed");
      }
    }
    if (length == 0) {
      return 0;
    }
    try {
      var request =
          new ReadRequest.Into(EventLoop.ON_LOOP, ByteBuffer.wrap(target, offset, length), true);
      return Blocking.await(stream.read(request));
    } catch (StreamClosedException e) {
      return endOrFailure(e);
    } catch (IOException e) {
      if (e.getCause() != null
          && e.getCause().getCause() instanceof StreamClosedException closedBy) {
        return endOrFailure(closedBy);
      }
      throw e;
    }
  }

  @Override
  public int available() {
    return stream.buffered();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    stream.close();
  }

  private int endOrFailure(StreamClosedException e) throws IOException {
    if (e.realError().isPresent()) {
      throw new IOException(e.getMessage(), e);
    }
    synchronized (this) {
      if (closed) {
        throw new IOException("Stream closed", e); // by another thread, while this one waited
      }
    }
    return -1;
  }
}
