/**
 * The JVM that {@code fork-stress} forks: what it is busy with, and how its children check
 * themselves.
 *
 * <p>Everything here goes on in every child as well, because all threads do. Code that must not
 * asks {@link dev.tine.benchmarks.stress.Home}.
 */
@NullMarked
package dev.tine.benchmarks.stress;

import org.jspecify.annotations.NullMarked;
