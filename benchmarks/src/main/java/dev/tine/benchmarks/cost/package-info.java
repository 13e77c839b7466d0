/** The two processes that {@code fork-cost} compares, and what it does with their numbers. */
@NullMarked
package dev.tine.benchmarks.cost;

import org.jspecify.annotations.NullMarked;
