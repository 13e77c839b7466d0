package dev.tine.process;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** What is kept of an output while it is read. Used by one thread at a time. */
abstract class Kept {
  /** Takes the next bytes. False: no more can be taken. */
  abstract boolean add(byte[] bytes);

  abstract Output output();

  static Kept of(Capture capture) {
    return switch (capture) {
      case Capture.Fail fail -> new Head(fail.bytes(), true);
      case Capture.Truncate truncate -> new Head(truncate.bytes(), false);
      case Capture.HeadAndTail both -> new HeadAndTail(both.headBytes(), both.tailBytes());
      case Capture.Spill spill -> new Spill(spill.bytes(), spill.file());
    };
  }

  /** Bytes that grow to a limit. */
  private static final class Grown {
    private final int limit;
    private byte[] bytes = {};
    private int size;

    Grown(int limit) {
      this.limit = limit;
    }

    /** Takes as many as fit; returns how many. */
    int add(byte[] more) {
      int taken = Math.min(more.length, limit - size);
      if (size + taken > bytes.length) {
        long doubled = Math.min(2L * bytes.length, limit);
        bytes = Arrays.copyOf(bytes, (int) Math.max(size + taken, doubled));
      }
      System.arraycopy(more, 0, bytes, size, taken);
      size += taken;
      return taken;
    }

    byte[] copy() {
      return Arrays.copyOf(bytes, size);
    }
  }

  /** The first bytes. */
  private static final class Head extends Kept {
    private final Grown head;
    private final boolean strict;
    private long dropped;

    Head(int limit, boolean strict) {
      head = new Grown(limit);
      this.strict = strict;
    }

    @Override
    boolean add(byte[] bytes) {
      dropped += bytes.length - head.add(bytes);
      return dropped == 0 || !strict;
    }

    @Override
    Output output() {
      return new Output(head.copy(), dropped, Optional.empty());
    }
  }

  /** The first bytes, and the last in a ring. */
  private static final class HeadAndTail extends Kept {
    private final Grown head;
    private final byte[] ring;
    private long behindHead;

    HeadAndTail(int headBytes, int tailBytes) {
      head = new Grown(headBytes);
      ring = new byte[tailBytes];
    }

    @Override
    boolean add(byte[] bytes) {
      int taken = head.add(bytes);
      // Of what would go round the ring more than once only the last round stays.
      int from = Math.max(taken, bytes.length - ring.length);
      behindHead += from - taken;
      for (int i = from; i < bytes.length; i++) {
        ring[(int) (behindHead++ % ring.length)] = bytes[i];
      }
      return true;
    }

    @Override
    Output output() {
      byte[] first = head.copy();
      int inRing = (int) Math.min(behindHead, ring.length);
      byte[] all = Arrays.copyOf(first, first.length + inRing);
      for (int i = 0; i < inRing; i++) {
        all[first.length + i] = ring[(int) ((behindHead - inRing + i) % ring.length)];
      }
      return new Output(all, behindHead - inRing, Optional.empty());
    }
  }

  /** All bytes: in memory, or in a file. */
  private static final class Spill extends Kept {
    private final Grown memory;
    private final Path file;
    private Optional<OutputStream> stream = Optional.empty();

    Spill(int limit, Path file) {
      memory = new Grown(limit);
      this.file = file;
    }

    @Override
    boolean add(byte[] bytes) {
      try {
        int taken = stream.isPresent() ? 0 : memory.add(bytes);
        if (taken < bytes.length) {
          spill().write(bytes, taken, bytes.length - taken);
        }
        return true;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write output to " + file, e);
      }
    }

    @Override
    Output output() {
      if (stream.isEmpty()) {
        return new Output(memory.copy(), 0, Optional.empty());
      }
      try {
        stream.get().close();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write output to " + file, e);
      }
      return new Output(new byte[0], 0, Optional.of(file));
    }

    private OutputStream spill() throws IOException {
      if (stream.isEmpty()) {
        OutputStream opened = Files.newOutputStream(file);
        stream = Optional.of(opened);
        opened.write(memory.copy());
      }
      return stream.get();
    }
  }
}
