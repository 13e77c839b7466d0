package dev.tine.fork.mold;

/** Which process a call of {@link Mold#freeze} has returned in. */
public sealed interface Frozen {

  /** The process that called. */
  record Monitor(Mold mold) implements Frozen {}

  /**
   * A worker that was made of the mold.
   *
   * @param id as it was ordered
   */
  record Worker(int id) implements Frozen {}
}
