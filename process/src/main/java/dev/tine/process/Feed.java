package dev.tine.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/** Gives a subprocess its stdin from memory or from another stream. */
final class Feed {
  private static final int PIECE_BYTES = 65_536;

  private Feed() {}

  static void begin(WriteStream stdin, Stdio source) {
    switch (source) {
      case Stdio.Bytes bytes -> next(stdin, bytes.bytes(), 0);
      case Stdio.Copy copy ->
          Thread.ofVirtual().name("tine-process-feed").start(() -> copy(copy.source(), stdin));
      default -> {}
    }
  }

  /** Piece by piece: the rest stays where it is, and is not copied to a queue. */
  private static void next(WriteStream stdin, byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length) {
      int size = Math.min(PIECE_BYTES, bytes.length - at);
      CompletableFuture<Void> written;
      try {
        written = stdin.write(bytes, at, size, EventLoop.ON_LOOP);
      } catch (StreamClosedException e) {
        return; // a program need not read all of its input
      }
      at += size;
      if (!written.isDone()) {
        int rest = at;
        var _ = written.thenRun(() -> next(stdin, bytes, rest));
        return;
      }
      if (written.isCompletedExceptionally()) {
        return;
      }
    }
    stdin.close();
  }

  private static void copy(InputStream source, WriteStream stdin) {
    try (OutputStream target = stdin.asOutputStream()) {
      source.transferTo(target);
    } catch (IOException e) {
      stdin.close(e); // the subprocess has closed it, or the source is broken
    }
  }
}
