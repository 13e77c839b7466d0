/** Servers of several processes, of this project and of others, and what is measured of them. */
@NullMarked
package dev.tine.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
