package dev.tine.systemtests;

/** Being written by another engineer; do not touch. */
final class InterruptedCallsTest {
  private InterruptedCallsTest() {}
}
