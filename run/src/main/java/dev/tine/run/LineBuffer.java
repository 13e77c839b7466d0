package dev.tine.run;

import java.util.Arrays;
import java.util.function.Consumer;

/** Makes lines of what comes in pieces. A line that does not end is cut at a limit. */
final class LineBuffer {
  static final int LIMIT = 64 * 1024;

  private byte[] rest = new byte[256];
  private int length;

  /** Adds bytes; {@code line} gets each line that is whole now, without its end. */
  void add(byte[] bytes, Consumer<byte[]> line) {
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        append(bytes, from, i);
        flush(line);
        from = i + 1;
      } else if (length + i - from >= LIMIT) {
        append(bytes, from, i);
        flush(line);
        from = i;
      }
    }
    append(bytes, from, bytes.length);
  }

  /** There is nothing more: gives the last line, if its end is missing. */
  void end(Consumer<byte[]> line) {
    if (length > 0) {
      flush(line);
    }
  }

  private void append(byte[] bytes, int from, int to) {
    int wanted = length + to - from;
    if (wanted > rest.length) {
      rest = Arrays.copyOf(rest, Math.max(wanted, 2 * rest.length));
    }
    System.arraycopy(bytes, from, rest, length, to - from);
    length = wanted;
  }

  private void flush(Consumer<byte[]> line) {
    int end = length > 0 && rest[length - 1] == '\r' ? length - 1 : length;
    line.accept(Arrays.copyOf(rest, end));
    length = 0;
  }
}
