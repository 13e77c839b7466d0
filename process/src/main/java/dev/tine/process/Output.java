package dev.tine.process;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a subprocess wrote to stdout or stderr, as far as it was kept. */
public final class Output {
  static final Output NONE = new Output(new byte[0], 0, Optional.empty());

  private final byte[] bytes;
  private final long droppedBytes;
  private final Optional<Path> file;

  Output(byte[] bytes, long droppedBytes, Optional<Path> file) {
    this.bytes = bytes;
    this.droppedBytes = droppedBytes;
    this.file = file;
  }

  /** The bytes; if some were dropped, those before and behind them. Empty if they are in a file. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The text, as UTF-8. */
  public String text() {
    return text(StandardCharsets.UTF_8);
  }

  /** The text. */
  public String text(Charset charset) {
    return new String(bytes, charset);
  }

  /** The text in lines, as UTF-8. */
  public List<String> lines() {
    return text().lines().toList();
  }

  /** How many bytes were read and not kept. */
  public long droppedBytes() {
    return droppedBytes;
  }

  /** The file that has all of it, if it was too much for memory. */
  public Optional<Path> file() {
    return file;
  }

  @Override
  public String toString() {
    return text();
  }
}
