/** Subprocesses by several libraries, beside C: what {@code benchmarks/subprocess} measures. */
@NullMarked
package dev.tine.benchmarks.subprocess;

import org.jspecify.annotations.NullMarked;
