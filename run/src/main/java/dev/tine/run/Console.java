package dev.tine.run;

import dev.tine.sys.Errno;
import dev.tine.sys.FileCall;
import dev.tine.sys.Pidfd;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What a person sees: lines of all processes of the program, whole and told apart, and what the
 * monitor says itself.
 *
 * <p>One thread reads, so that no line is torn, and an {@link Outlet} writes. Neither is the
 * monitor's: a terminal that is held (Ctrl-S, a pager) stops what is shown, not the monitor, and
 * workers for some seconds only. Methods may be called by any thread.
 */
final class Console {
  private static final int CHUNK = 64 * 1024;
  private static final int KEPT_LINES = 1000;
  private static final int KEPT_LENGTH = 2000;

  /** Whoever takes nothing for so long is not slow. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Loop loop = new Loop();
  private final Thread thread;
  private final Outlet outlet;
  private final OutputStream out;
  private final OutputStream err;
  private final boolean prefixed;
  private final boolean terminal;
  private final MemorySegment chunk = Arena.global().allocate(CHUNK);

  /** For {@code tine logs}. Guarded by itself. */
  private final Deque<String> kept = new ArrayDeque<>();

  private final List<Source> sources = new ArrayList<>();
  private String progress = "";

  /**
   * @param terminal whether a person watches standard error, to whom progress is shown in place
   */
  Console(OutputStream out, OutputStream err, boolean prefixed, boolean terminal) {
    this.out = out;
    this.err = err;
    this.prefixed = prefixed;
    this.terminal = terminal;
    this.outlet = new Outlet(err, PATIENCE);
    this.thread = Thread.ofPlatform().daemon().name("tine-console").start(loop::run);
  }

  /** Where a process writes its standard output or error to. */
  final class Source {
    private final String label;
    private final boolean isError;
    private final int readFd;
    private final LineBuffer lines = new LineBuffer();
    private final Deque<String> tail = new ArrayDeque<>();

    private Source(String label, boolean isError, int readFd) {
      this.label = label;
      this.isError = isError;
      this.readFd = readFd;
    }

    /** The last lines, at most ten. */
    List<String> tail() {
      synchronized (tail) {
        return List.copyOf(tail);
      }
    }

    private void read() {
      long n = FileCall.read(readFd, chunk, CHUNK);
      if (n > 0) {
        byte[] bytes = chunk.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
        lines.add(bytes, this::line);
      } else if (n == 0 || n != -Errno.EAGAIN) {
        end();
      }
    }

    private void line(byte[] line) {
      String text = new String(line, StandardCharsets.UTF_8);
      synchronized (tail) {
        tail.addLast(text);
        if (tail.size() > 10) {
          tail.removeFirst();
        }
      }
      write(isError ? err : out, label, line);
      keep(label + text);
    }

    private void end() {
      lines.end(this::line);
      loop.unwatch(readFd);
      Pidfd.close(readFd);
      sources.remove(this);
    }
  }

  /** Both ends for a process: what it writes to the descriptor comes out here, line by line. */
  record Opened(Source source, int writeFd) {}

  /** Opens a source; the caller closes the descriptor when the process has it. */
  Opened open(String label, boolean isError) {
    FileCall.Pipe pipe = FileCall.pipe();
    var source = new Source(prefixed ? label : "", isError, pipe.readFd());
    loop.post(() -> {
      sources.add(source);
      loop.watch(source.readFd, source::read);
    });
    return new Opened(source, pipe.writeFd());
  }

  /** Says something of the monitor's own, on standard error. */
  void say(String text) {
    loop.post(() -> {
      for (String line : text.split("\n", -1)) {
        String whole = "tine: " + line;
        write(err, "", whole.getBytes(StandardCharsets.UTF_8));
        keep(whole);
      }
    });
  }

  /** Writes lines as they are, on standard error. */
  void show(String text) {
    loop.post(
        () -> text.lines().forEach(line -> write(err, "", line.getBytes(StandardCharsets.UTF_8))));
  }

  /** Shows what is going on until something else is said; only to a person. */
  void progress(String text) {
    if (terminal) {
      loop.post(() -> {
        progress = text;
        outlet.put(err, ("\r\033[K" + text).getBytes(StandardCharsets.UTF_8));
      });
    }
  }

  /** The last lines, of all. */
  List<String> kept() {
    synchronized (kept) {
      return List.copyOf(kept);
    }
  }

  private void keep(String line) {
    synchronized (kept) {
      kept.addLast(line.substring(0, Math.min(line.length(), KEPT_LENGTH)));
      if (kept.size() > KEPT_LINES) {
        kept.removeFirst();
      }
    }
  }

  private void write(OutputStream stream, String label, byte[] line) {
    if (!progress.isEmpty()) {
      progress = "";
      outlet.put(err, "\r\033[K".getBytes(StandardCharsets.US_ASCII));
    }
    byte[] prefix = label.getBytes(StandardCharsets.UTF_8);
    byte[] whole = new byte[prefix.length + line.length + 1];
    System.arraycopy(prefix, 0, whole, 0, prefix.length);
    System.arraycopy(line, 0, whole, prefix.length, line.length);
    whole[whole.length - 1] = '\n';
    outlet.put(stream, whole);
  }

  /** Writes all there is, if somebody takes it, and ends; whether that was done. */
  boolean end() {
    loop.post(() -> {
      for (Source source : List.copyOf(sources)) {
        drain(source);
      }
      if (!progress.isEmpty()) {
        outlet.put(err, "\r\033[K".getBytes(StandardCharsets.US_ASCII));
      }
      loop.stop();
    });
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    loop.close();
    return outlet.flush();
  }

  /** What is in the pipe, and no more: a process that was left behind may hold the other end. */
  private void drain(Source source) {
    int ignored = FileCall.setBlocking(source.readFd, false);
    while (sources.contains(source)) {
      long n = FileCall.read(source.readFd, chunk, CHUNK);
      if (n <= 0) {
        source.end();
      } else {
        source.lines.add(chunk.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE), source::line);
      }
    }
  }
}
