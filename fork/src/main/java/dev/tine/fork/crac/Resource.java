package dev.tine.fork.crac;

/** Someone who is told of checkpoints; {@code org.crac} makes one of each of its resources. */
public interface Resource {

  /** Before a fork, or before a mold is frozen. */
  void beforeCheckpoint(Context context) throws Exception;

  /** After it, in each of the processes. */
  void afterRestore(Context context) throws Exception;
}
