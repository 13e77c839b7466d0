package dev.tine.process;

import dev.tine.sys.FileCall;

/** Both ends of one pipe, as streams. */
final class PipePair implements AutoCloseable {
  final ReadStream reader;
  final WriteStream writer;

  PipePair() {
    this(EventLoop.shared(), ReadStream.MAX_BUFFER_BYTES, ReadStream.MAX_BUFFER_BYTES);
  }

  PipePair(EventLoop loop, int readLimit, int writeLimit) {
    FileCall.Pipe pipe = FileCall.pipe();
    FileCall.setBlocking(pipe.readFd(), false);
    FileCall.setBlocking(pipe.writeFd(), false);
    reader = new ReadStream(loop, "reader", pipe.readFd(), readLimit);
    writer = new WriteStream(loop, "writer", pipe.writeFd(), writeLimit);
  }

  @Override
  public void close() {
    reader.close();
    writer.close();
  }
}
