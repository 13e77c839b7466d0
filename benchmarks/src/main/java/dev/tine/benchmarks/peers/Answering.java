package dev.tine.benchmarks.peers;

/** Something that is asked at a port. */
interface Answering {
  int port();

  /** Whether it can still answer; else the reason is in {@link #tail}. */
  boolean isAlive();

  /** What it has printed last. */
  String tail();
}
