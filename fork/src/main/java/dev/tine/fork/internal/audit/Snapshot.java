package dev.tine.fork.internal.audit;

import java.util.List;

/**
 * What {@code /proc} says of a process.
 *
 * @param command its arguments
 * @param status lines of {@code status}
 * @param timers lines of {@code timers}
 */
record Snapshot(
    long pid,
    List<String> command,
    List<String> status,
    List<OpenFile> files,
    SocketTables sockets,
    List<MappedRange> ranges,
    List<Task> tasks,
    List<String> timers) {}
