package dev.tine.process;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What a subprocess has for stdin, stdout, stderr or another descriptor. */
public sealed interface Stdio {

  /** A pipe to this process: {@link Subprocess#stdin()} and its like. */
  Stdio STREAM = Fixed.STREAM;

  /** What this process has under the same number. */
  Stdio INHERIT = Fixed.INHERIT;

  /** Nothing: /dev/null. */
  Stdio DISCARD = Fixed.DISCARD;

  /** For stderr: where stdout goes. */
  Stdio STDOUT = Fixed.STDOUT;

  /** A file to read from. */
  static Stdio from(Path file) {
    return new File(file, File.Mode.READ);
  }

  /** A file to write to, which is made, or emptied. */
  static Stdio to(Path file) {
    return new File(file, File.Mode.WRITE);
  }

  /** A file to write to behind what it has. */
  static Stdio append(Path file) {
    return new File(file, File.Mode.APPEND);
  }

  /** An open descriptor of this process, which stays the caller's. */
  static Stdio descriptor(int fd) {
    return new Descriptor(fd);
  }

  /** For stdin: bytes to read, then the end. */
  static Stdio bytes(byte[] bytes) {
    return new Bytes(bytes.clone());
  }

  /** For stdin: text to read, as UTF-8, then the end. */
  static Stdio text(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * For stdin: what another stream gives, until its end. A virtual thread reads it; nobody closes
   * it.
   */
  static Stdio copy(InputStream source) {
    return new Copy(source);
  }

  /** Those without parameters. */
  enum Fixed implements Stdio {
    STREAM,
    INHERIT,
    DISCARD,
    STDOUT
  }

  /** A file by its path. */
  record File(Path path, Mode mode) implements Stdio {
    /** What is done with it. */
    public enum Mode {
      READ,
      WRITE,
      APPEND
    }
  }

  /** A number in this process. */
  record Descriptor(int fd) implements Stdio {
    /** Refuses numbers that are none. */
    public Descriptor {
      if (fd < 0) {
        throw new IllegalArgumentException("not a descriptor: " + fd);
      }
    }
  }

  /** Bytes in memory. */
  final class Bytes implements Stdio {
    private final byte[] bytes;

    private Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes;
    }

    @Override
    public String toString() {
      return bytes.length + " bytes";
    }
  }

  /** Another stream. */
  record Copy(InputStream source) implements Stdio {}
}
