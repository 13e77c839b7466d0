package dev.tine.process;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that were read and not yet taken. Empty, it holds next to no memory. */
final class ByteQueue {
  private static final byte[] NOTHING = {};

  /** An array that is worth keeping for the next bytes; larger ones go when they are empty. */
  private static final int KEPT_BYTES = 512;

  private byte[] bytes = NOTHING;
  private int head;
  private int tail;

  int size() {
    return tail - head;
  }

  boolean isEmpty() {
    return head == tail;
  }

  void append(MemorySegment source, int count) {
    makeRoom(count);
    MemorySegment.copy(source, JAVA_BYTE, 0, bytes, tail, count);
    tail += count;
  }

  byte[] copy() {
    return Arrays.copyOfRange(bytes, head, tail);
  }

  byte[] take(int count) {
    if (head == 0 && count == tail && count == bytes.length) {
      byte[] all = bytes;
      bytes = NOTHING;
      tail = 0;
      return all;
    }
    byte[] taken = Arrays.copyOfRange(bytes, head, head + count);
    drop(count);
    return taken;
  }

  void take(ByteBuffer target, int count) {
    target.put(bytes, head, count);
    drop(count);
  }

  /** Where {@code wanted} begins at or after {@code from}; -1: nowhere. */
  int indexOf(byte[] wanted, int from) {
    byte first = wanted[0];
    for (int i = head + Math.max(0, from); i <= tail - wanted.length; i++) {
      if (bytes[i] == first
          && Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i - head;
      }
    }
    return -1;
  }

  /** Each byte as one character. Valid until the queue is changed. */
  CharSequence characters() {
    return new Characters(bytes, head, tail);
  }

  private void makeRoom(int count) {
    if (tail + count <= bytes.length) {
      return;
    }
    int size = size();
    // Moved to the front only when that frees half of the array: so a byte is moved a bounded
    // number
    // of times, however small the pieces are that are taken.
    if (size + count <= bytes.length && head >= bytes.length / 2) {
      System.arraycopy(bytes, head, bytes, 0, size);
    } else {
      byte[] larger = new byte[Math.max(size + count, Math.min(2 * bytes.length, 1 << 30))];
      System.arraycopy(bytes, head, larger, 0, size);
      bytes = larger;
    }
    head = 0;
    tail = size;
  }

  private void drop(int count) {
    head += count;
    if (head == tail) {
      head = 0;
      tail = 0;
      if (bytes.length > KEPT_BYTES) {
        bytes = NOTHING;
      }
    }
  }

  private static final class Characters implements CharSequence {
    private final byte[] bytes;
    private final int from;
    private final int to;

    Characters(byte[] bytes, int from, int to) {
      this.bytes = bytes;
      this.from = from;
      this.to = to;
    }

    @Override
    public int length() {
      return to - from;
    }

    @Override
    public char charAt(int index) {
      return (char) (bytes[from + index] & 0xff);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Characters(bytes, from + start, from + end);
    }

    @Override
    public String toString() {
      return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
  }
}
