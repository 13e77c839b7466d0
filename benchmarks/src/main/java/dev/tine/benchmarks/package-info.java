/** Measurements of Tine, with peers beside. */
@NullMarked
package dev.tine.benchmarks;

import org.jspecify.annotations.NullMarked;
