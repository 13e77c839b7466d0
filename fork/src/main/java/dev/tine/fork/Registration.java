package dev.tine.fork;

/** The stay of a {@link ForkListener} in the list of those who are told of a fork. */
public interface Registration extends AutoCloseable {

  /**
   * Ends it: forks that begin later are not told to the listener.
   *
   * <p>Does not wait for a fork that is under way, which is told to the end. Idempotent. May be
   * called by any thread, by the listener too. In a child it concerns the forks of the child alone.
   */
  @Override
  void close();
}
