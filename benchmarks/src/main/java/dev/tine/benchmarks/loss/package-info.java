/** Requests that are lost while workers are replaced. */
@org.jspecify.annotations.NullMarked
package dev.tine.benchmarks.loss;
