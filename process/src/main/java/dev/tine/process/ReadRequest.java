package dev.tine.process;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A read that waits for its bytes. Used under the lock of its stream, but for its future.
 *
 * @param <T> what it answers
 */
abstract sealed class ReadRequest<T> {
  static final int UNLIMITED = Integer.MAX_VALUE;
  static final int NOT_YET = -1;

  final ReadFuture<T> future = new ReadFuture<>();

  /** Where the future is completed, with what depends on it. */
  final Executor place;

  ReadRequest(Executor place) {
    this.place = place;
  }

  /**
   * How many of the buffered bytes answer it; {@link #NOT_YET}: more are needed.
   *
   * @param last whether no more bytes are there for now: what is expensive to look for is looked
   *     for then, and each time the buffer has doubled
   * @throws UnsatisfiableReadException if no further bytes can answer it
   */
  abstract int length(ByteQueue buffer, boolean last);

  abstract T take(ByteQueue buffer, int length);

  /** What the end of the stream makes of it; {@link #NOT_YET}: it fails. */
  int lengthAtEnd(ByteQueue buffer) {
    return length(buffer, true);
  }

  /**
   * Memory that the next bytes can be read into, past the buffer, if that is empty; they answer the
   * request then. Empty: they have to go through the buffer.
   */
  Optional<MemorySegment> room() {
    return Optional.empty();
  }

  /** So many bytes are in the {@link #room()}. */
  T taken(int count) {
    throw new AssertionError("no room for " + count + " bytes");
  }

  /** Completes the future of what was taken, where it is to be. */
  final Runnable delivery(T value) {
    return () -> EventLoop.complete(place, () -> future.finish(value));
  }

  final Runnable failure(Throwable error) {
    return () -> EventLoop.complete(place, () -> future.fail(error));
  }

  /** Up to and with a delimiter. */
  static final class Until extends ReadRequest<byte[]> {
    private final byte[] delimiter;
    private final int maxBytes;
    private int searched;

    Until(Executor place, byte[] delimiter, int maxBytes) {
      super(place);
      this.delimiter = delimiter;
      this.maxBytes = maxBytes;
    }

    @Override
    int length(ByteQueue buffer, boolean last) {
      int at = buffer.indexOf(delimiter, searched);
      // One that has begun ends in bytes to come.
      searched = Math.max(0, buffer.size() - delimiter.length + 1);
      int end = at < 0 ? buffer.size() : at + delimiter.length;
      if (end > maxBytes) {
        throw new UnsatisfiableReadException("delimiter " + Text.quoted(delimiter), maxBytes);
      }
      return at < 0 ? NOT_YET : end;
    }

    @Override
    byte[] take(ByteQueue buffer, int length) {
      return buffer.take(length);
    }
  }

  /** Up to the end of the first match. */
  static final class UntilMatch extends ReadRequest<byte[]> {
    private final Pattern pattern;
    private final int maxBytes;
    private int nextSearch;

    UntilMatch(Executor place, Pattern pattern, int maxBytes) {
      super(place);
      this.pattern = pattern;
      this.maxBytes = maxBytes;
    }

    @Override
    int length(ByteQueue buffer, boolean last) {
      if (buffer.size() < nextSearch && !last) {
        return NOT_YET;
      }
      nextSearch = 2 * buffer.size();
      Matcher matcher = pattern.matcher(buffer.characters());
      boolean found = matcher.find();
      int end = found ? matcher.end() : buffer.size();
      if (end > maxBytes) {
        throw new UnsatisfiableReadException("match of " + pattern, maxBytes);
      }
      return found ? end : NOT_YET;
    }

    @Override
    byte[] take(ByteQueue buffer, int length) {
      return buffer.take(length);
    }
  }

  /** Up to the end of the first match of any of several patterns. */
  static final class UntilAny extends ReadRequest<Expect.Match> {
    private final List<Pattern> patterns;
    private int nextSearch;
    private int found;
    private int begin;
    private List<byte[]> groups = List.of();

    UntilAny(Executor place, List<Pattern> patterns) {
      super(place);
      this.patterns = patterns;
    }

    @Override
    int length(ByteQueue buffer, boolean last) {
      if (buffer.size() < nextSearch && !last) {
        return NOT_YET;
      }
      nextSearch = 2 * buffer.size();
      int end = NOT_YET;
      begin = Integer.MAX_VALUE;
      for (int i = 0; i < patterns.size(); i++) {
        Matcher matcher = patterns.get(i).matcher(buffer.characters());
        if (matcher.find() && matcher.start() < begin) {
          found = i;
          begin = matcher.start();
          end = matcher.end();
          groups = groups(matcher);
        }
      }
      return end;
    }

    @Override
    Expect.Match take(ByteQueue buffer, int length) {
      return Expect.match(found, buffer.take(length), begin, groups);
    }

    private static List<byte[]> groups(Matcher matcher) {
      List<byte[]> groups = new ArrayList<>();
      for (int i = 1; i <= matcher.groupCount(); i++) {
        String group = matcher.group(i);
        groups.add((group == null ? "" : group).getBytes(StandardCharsets.ISO_8859_1));
      }
      return groups;
    }
  }

  /** A number of bytes, or as soon as there are any. */
  static final class Count extends ReadRequest<byte[]> {
    private final int count;
    private final boolean partial;

    Count(Executor place, int count, boolean partial) {
      super(place);
      this.count = count;
      this.partial = partial;
    }

    @Override
    int length(ByteQueue buffer, boolean last) {
      int size = buffer.size();
      return size >= count ? count : partial && size > 0 ? size : NOT_YET;
    }

    @Override
    byte[] take(ByteQueue buffer, int length) {
      return buffer.take(length);
    }
  }

  /** As {@link Count}, into memory of whoever reads. */
  static final class Into extends ReadRequest<Integer> {
    private final ByteBuffer target;
    private final boolean partial;

    Into(Executor place, ByteBuffer target, boolean partial) {
      super(place);
      this.target = target;
      this.partial = partial;
    }

    @Override
    int length(ByteQueue buffer, boolean last) {
      int size = buffer.size();
      int count = target.remaining();
      return size >= count ? count : partial && size > 0 ? size : NOT_YET;
    }

    @Override
    Integer take(ByteQueue buffer, int length) {
      buffer.take(target, length);
      return length;
    }

    /** Not if it waits for more than there may be: to withdraw it would lose what it has. */
    @Override
    Optional<MemorySegment> room() {
      return partial && target.isDirect() && !target.isReadOnly()
          ? Optional.of(MemorySegment.ofBuffer(target))
          : Optional.empty();
    }

    @Override
    Integer taken(int count) {
      target.position(target.position() + count);
      return count;
    }
  }

  /** Everything until the stream ends. */
  static final class UntilClose extends ReadRequest<byte[]> {
    UntilClose(Executor place) {
      super(place);
    }

    @Override
    int length(ByteQueue buffer, boolean last) {
      return NOT_YET;
    }

    @Override
    int lengthAtEnd(ByteQueue buffer) {
      return buffer.size();
    }

    @Override
    byte[] take(ByteQueue buffer, int length) {
      return buffer.take(length);
    }
  }

  /** Bytes as people write them. */
  private static final class Text {
    static String quoted(byte[] bytes) {
      StringBuilder text = new StringBuilder("\"");
      for (char c : new String(bytes, StandardCharsets.ISO_8859_1).toCharArray()) {
        switch (c) {
          case '\n' -> text.append("\\n");
          case '\r' -> text.append("\\r");
          case '\t' -> text.append("\\t");
          case '"', '\\' -> text.append('\\').append(c);
          default -> {
            if (c < 0x20 || c > 0x7e) {
              text.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
            } else {
              text.append(c);
            }
          }
        }
      }
      return text.append('"').toString();
    }
  }
}
