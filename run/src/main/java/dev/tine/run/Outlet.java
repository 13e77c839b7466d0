package dev.tine.run;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * The way out for lines: one thread writes them, in order, and whoever has one to write waits for
 * it as long as the reader is only slow.
 *
 * <p>A reader that takes nothing for a time (a pager, Ctrl-S, a collector of logs that hangs) would
 * in the end stop every worker in a write of its own: from then on, what has no room is dropped and
 * counted, until the reader goes on.
 */
final class Outlet {
  /** Some thousand lines. */
  private static final int ROOM_BYTES = 1024 * 1024;

  private final OutputStream errors;
  private final Duration patience;
  private final Queue<Piece> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private long taken;
  private long dropped;
  private boolean isHeld;

  /** What is written at once. */
  private static final class Piece {
    private final OutputStream stream;
    private final byte[] bytes;

    private Piece(OutputStream stream, byte[] bytes) {
      this.stream = stream;
      this.bytes = bytes;
    }
  }

  /**
   * @param errors where it is told what was dropped
   * @param patience with a reader that takes nothing
   */
  Outlet(OutputStream errors, Duration patience) {
    this.errors = errors;
    this.patience = patience;
    Thread.ofPlatform().daemon().name("tine-outlet").start(this::write);
  }

  /** Gives bytes to the thread that writes, if need be when there is room, or drops them. */
  synchronized void put(OutputStream stream, byte[] bytes) {
    if (!isHeld && !hasRoom(bytes.length)) {
      isHeld = !await(() -> hasRoom(bytes.length));
    }
    if (!hasRoom(bytes.length)) {
      dropped++;
      return;
    }
    isHeld = false;
    tellDropped();
    add(stream, bytes);
  }

  /** As long as there is nothing, a line of any length has room. */
  private boolean hasRoom(int bytes) {
    return waiting.isEmpty() || waitingBytes + bytes <= ROOM_BYTES;
  }

  private void tellDropped() {
    if (dropped > 0) {
      add(
          errors,
          "tine: output-dropped lines=%d\n".formatted(dropped).getBytes(StandardCharsets.UTF_8));
      dropped = 0;
    }
  }

  private void add(OutputStream stream, byte[] bytes) {
    waiting.add(new Piece(stream, bytes));
    waitingBytes += bytes.length;
    notifyAll();
  }

  private interface Condition {
    boolean holds();
  }

  /** Waits as long as something is taken within each time of patience; whether it holds now. */
  private boolean await(Condition condition) {
    long seen = taken;
    long untilNanos = System.nanoTime() + patience.toNanos();
    while (!condition.holds()) {
      long leftNanos = untilNanos - System.nanoTime();
      if (taken != seen) {
        seen = taken;
        untilNanos = System.nanoTime() + patience.toNanos();
      } else if (leftNanos <= 0) {
        return false;
      } else {
        try {
          wait(leftNanos / 1_000_000 + 1);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
    }
    return true;
  }

  /** Waits until all is written, as long as the reader takes it; whether it is. */
  synchronized boolean flush() {
    if (isHeld && !waiting.isEmpty()) {
      return false;
    }
    tellDropped();
    return await(waiting::isEmpty);
  }

  private void write() {
    while (true) {
      Optional<Piece> next = peek();
      if (next.isEmpty()) {
        return;
      }
      put(next.get());
      onTaken(next.get());
    }
  }

  private synchronized Optional<Piece> peek() {
    try {
      while (waiting.isEmpty()) {
        wait();
      }
      return Optional.of(waiting.element());
    } catch (InterruptedException e) {
      return Optional.empty();
    }
  }

  /** Only now it is off the queue: that it is empty means that all is written. */
  private synchronized void onTaken(Piece piece) {
    waiting.remove();
    waitingBytes -= piece.bytes.length;
    taken++;
    notifyAll();
  }

  private static void put(Piece piece) {
    try {
      piece.stream.write(piece.bytes); // in one write(2): no line is torn
      piece.stream.flush();
    } catch (IOException e) {
      // Nobody reads it any more, or the disk is full: the program goes on, as it would with its
      // output closed.
    }
  }
}
