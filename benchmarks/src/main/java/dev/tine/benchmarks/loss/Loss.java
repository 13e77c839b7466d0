package dev.tine.benchmarks.loss;

/**
 * A request that was not answered.
 *
 * @param localPort the client's end of its connection; 0 if there was none
 * @param beginNanos when it was sent
 * @param endNanos when the client knew
 * @param isRepeatable whether its connection was kept, and had answered others before: it may have
 *     been closed before the request came, which HTTP clients then send again
 */
record Loss(int localPort, long beginNanos, long endNanos, boolean isRepeatable, String what) {}
