/**
 * Tests with real processes. Each starts JVMs of its own; none forks the JVM that runs the tests.
 */
@NullMarked
package dev.tine.systemtests;

import org.jspecify.annotations.NullMarked;
