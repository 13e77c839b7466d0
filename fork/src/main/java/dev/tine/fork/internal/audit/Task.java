package dev.tine.fork.internal.audit;

import java.util.List;

/**
 * A thread as {@code /proc/PID/task/TID/status} shows it.
 *
 * @param state R, S, D, T, t, Z …
 * @param blocked bit n - 1: signal n is blocked
 */
record Task(int tid, String name, char state, long blocked) {

  /** Reads the lines of {@code status}. */
  static Task of(int tid, List<String> status) {
    String state = StatusLines.value(status, "State");
    return new Task(
        tid,
        StatusLines.value(status, "Name"),
        state.isEmpty() ? '?' : state.charAt(0),
        StatusLines.mask(status, "SigBlk"));
  }

  boolean blocks(int signal) {
    return (blocked >>> (signal - 1) & 1) != 0;
  }
}
