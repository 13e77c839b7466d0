package dev.tine.process;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** A write that waits for room in its pipe. Used under the lock of its stream. */
final class Write {
  final byte[] bytes;
  int written;
  private final Executor place;
  private final CompletableFuture<Void> future;

  /**
   * @param place where the future is completed, with what depends on it
   */
  Write(byte[] bytes, Executor place, CompletableFuture<Void> future) {
    this.bytes = bytes;
    this.place = place;
    this.future = future;
  }

  /** Completes its future, when it is run. */
  Runnable success() {
    return success(place, future);
  }

  Runnable failure(Throwable reason) {
    return failure(place, future, reason);
  }

  /** The same for one that has not waited. */
  static Runnable success(Executor place, CompletableFuture<Void> future) {
    return () -> EventLoop.complete(place, () -> future.complete(null));
  }

  static Runnable failure(Executor place, CompletableFuture<Void> future, Throwable reason) {
    return () -> EventLoop.complete(place, () -> future.completeExceptionally(reason));
  }
}
