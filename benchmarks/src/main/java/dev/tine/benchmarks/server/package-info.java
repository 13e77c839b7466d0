/** A server under {@code tine run}, beside plain JVMs of the same program. */
@NullMarked
package dev.tine.benchmarks.server;

import org.jspecify.annotations.NullMarked;
