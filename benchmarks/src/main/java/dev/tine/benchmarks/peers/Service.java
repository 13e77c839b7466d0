package dev.tine.benchmarks.peers;

import java.io.IOException;

/** A peer while it runs. */
interface Service extends Answering, AutoCloseable {
  /** Of all of its processes, each page once. */
  double pssMegabytes() throws IOException;

  /** Kills the worker, and sees to a successor if the peer does not by itself. */
  void kill(long worker) throws IOException;

  /** Replaces all workers as one does with this peer, and returns when that is done. */
  void reload() throws IOException, InterruptedException;

  @Override
  void close();
}
