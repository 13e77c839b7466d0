package dev.tine.process;

import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * What a read answers. Whoever ends it from outside, by cancelling or a timeout, withdraws the
 * read: that works as long as no bytes were taken for it, and so none are lost.
 */
final class ReadFuture<T> extends CompletableFuture<T> {
  private volatile BooleanSupplier withdrawal = () -> false;

  /** Begins to wait; before that it cannot be withdrawn. */
  void begin(BooleanSupplier withdrawal) {
    this.withdrawal = withdrawal;
  }

  void finish(T value) {
    super.complete(value);
  }

  void fail(Throwable error) {
    super.completeExceptionally(error);
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    return withdrawal.getAsBoolean() && super.cancel(mayInterruptIfRunning);
  }

  @Override
  public boolean complete(T value) {
    return withdrawal.getAsBoolean() && super.complete(value);
  }

  @Override
  public boolean completeExceptionally(Throwable error) {
    return withdrawal.getAsBoolean() && super.completeExceptionally(error);
  }
}
