package dev.tine.worker;

/** A time by which something is to be done, until it is closed. */
public interface Deadline extends AutoCloseable {
  /** It is done. Idempotent; may be called by any thread. */
  @Override
  void close();
}
