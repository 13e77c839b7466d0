package dev.tine.process;

/**
 * The use of a subprocess, or of its stream, in a child that was forked from the process it belongs
 * to.
 */
final class DisownedException extends IllegalStateException {
  static final String REASON = "it belongs to the process that this one was forked from";

  private static final long serialVersionUID = 1;

  DisownedException() {
    super(REASON);
  }
}
