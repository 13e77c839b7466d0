/** The monitor of {@code tine run}. */
@org.jspecify.annotations.NullMarked
package dev.tine.run;
