package dev.tine.process;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for futures of streams as {@code java.io} wants it. */
final class Blocking {
  private Blocking() {}

  /** An interrupt cancels the future, and stays set. */
  static <T> T await(CompletableFuture<T> future) throws IOException {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      if (future.cancel(false)) {
        throw new InterruptedIOException("interrupted while waiting for a subprocess");
      }
      return await(future); // it was done just now: what it has read must not be lost
    } catch (ExecutionException e) {
      throw new IOException(
          e.getCause() == null ? "a stream of a subprocess failed" : e.getCause().getMessage(), e);
    }
  }
}
