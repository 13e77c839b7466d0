/**
 * {@code fork()} for the JVM, and the processes that come from it. Start at {@link
 * dev.tine.fork.JvmFork}.
 */
@NullMarked
package dev.tine.fork;

import org.jspecify.annotations.NullMarked;
