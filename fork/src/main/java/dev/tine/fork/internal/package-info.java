/**
 * How {@code dev.tine.fork} works inside: what is checked before a fork, the call, and the reaping
 * of children. Not exported.
 */
@NullMarked
package dev.tine.fork.internal;

import org.jspecify.annotations.NullMarked;
