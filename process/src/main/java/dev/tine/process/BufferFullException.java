package dev.tine.process;

/**
 * More to buffer than the stream's limit: a read that is too long, or writes that are not taken.
 */
public final class BufferFullException extends SubprocessException {
  private static final long serialVersionUID = 1;

  BufferFullException(String message) {
    super(message);
  }
}
