package dev.tine.process;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Moves an output into what is kept of it, as fast as it comes and no faster than it is kept. */
final class Pump {
  private final ReadStream stream;
  private final Kept kept;
  private final Executor place;
  private final Runnable full;
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  /**
   * A pump that is to be begun.
   *
   * @param full called when no more can be kept
   */
  Pump(ReadStream stream, Capture capture, Runnable full) {
    this.stream = stream;
    this.kept = Kept.of(capture);
    // Memory is filled on the loop; a disk may make its writer wait.
    this.place =
        capture instanceof Capture.Spill ? EventLoop.ON_VIRTUAL_THREADS : EventLoop.ON_LOOP;
    this.full = full;
  }

  void begin() {
    ReadFuture<byte[]> read;
    try {
      read = stream.read(EventLoop.READ_CHUNK_BYTES, EventLoop.ON_LOOP);
    } catch (StreamClosedException e) {
      end(e);
      return;
    }
    var _ =
        read.whenCompleteAsync(
            (bytes, error) -> {
              if (error != null) {
                end(error);
              } else {
                keep(bytes);
              }
            },
            place);
  }

  /** Done when there is no more output, or it is not read any further. */
  CompletableFuture<Void> done() {
    return done;
  }

  /** Stops reading; tells the pipe, if it had not ended. */
  Optional<String> giveUp() {
    Optional<String> pipe = done.isDone() ? Optional.empty() : stream.pipe();
    stream.close();
    return pipe;
  }

  /** What was kept; after {@link #done()}. */
  Output output() {
    return kept.output();
  }

  private void keep(byte[] bytes) {
    try {
      if (kept.add(bytes)) {
        begin();
        return;
      }
      full.run();
    } catch (Throwable e) { // OutOfMemoryError too: whoever waits for the run must hear of it
      done.completeExceptionally(e);
    }
    stream.close();
    done.complete(null);
  }

  private void end(Throwable error) {
    if (error instanceof StreamClosedException closed && closed.realError().isPresent()) {
      done.completeExceptionally(error);
    } else {
      done.complete(null);
    }
  }
}
