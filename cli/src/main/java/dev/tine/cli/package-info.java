/** The {@code tine} command: one class for each of its sub-commands. */
@NullMarked
package dev.tine.cli;

import org.jspecify.annotations.NullMarked;
