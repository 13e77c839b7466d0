/** What {@code accept-balance} runs: servers, the load, and what it counts. */
@NullMarked
package dev.tine.benchmarks.accept;

import org.jspecify.annotations.NullMarked;
