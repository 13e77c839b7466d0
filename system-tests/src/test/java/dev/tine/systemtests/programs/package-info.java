/**
 * The programs that the tests run and that fork.
 *
 * <p>Most take commands from standard input, one a line, and answer "ok COMMAND" or "failed
 * COMMAND: reason": so one JVM serves a whole test class, and it is a long-lived parent at the same
 * time. What goes wrong in a child is printed to standard error there and makes the command fail.
 */
@NullMarked
package dev.tine.systemtests.programs;

import org.jspecify.annotations.NullMarked;
