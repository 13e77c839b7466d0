package dev.tine.systemtests;

/** Being written by another engineer; do not touch. */
final class TornadoTest {
  private TornadoTest() {}
}
