package dev.tine.process;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/** A {@link WriteStream} for code that waits. */
final class BlockingOutput extends OutputStream {
  private final WriteStream stream;

  BlockingOutput(WriteStream stream) {
    this.stream = stream;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    // In pieces: what waits for room in the pipe is copied.
    for (int done = 0; done < length; ) {
      int size = Math.min(length - done, Scratch.BYTES);
      try {
        Blocking.await(stream.write(bytes, offset + done, size, EventLoop.ON_LOOP));
      } catch (SubprocessException e) {
        throw new IOException(e.getMessage(), e);
      }
      done += size;
    }
  }

  /** Closes the subprocess's input; what was written is in the pipe already. */
  @Override
  public void close() {
    stream.close();
  }
}
