/** Runs a program as supervised worker processes. Start at {@link dev.tine.prefork.Prefork}. */
@NullMarked
package dev.tine.prefork;

import org.jspecify.annotations.NullMarked;
