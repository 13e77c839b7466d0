/**
 * Subprocesses: {@link dev.tine.process.Command} says what to run, {@link
 * dev.tine.process.Subprocess} is a running one, with streams that are read on demand and an end
 * that is known exactly.
 *
 * <p>One thread, the {@link dev.tine.process.EventLoop}, watches all children and all streams. What
 * it is asked for is answered by futures.
 *
 * <p>Inside: {@code synchronized} blocks are short and call nothing that waits; futures are
 * completed and callbacks are called outside of them. Whoever closes a descriptor does it under the
 * lock that its reads and writes are made under: otherwise a number that is in use again could be
 * read or closed in place of the old one.
 */
@NullMarked
package dev.tine.process;

import org.jspecify.annotations.NullMarked;
