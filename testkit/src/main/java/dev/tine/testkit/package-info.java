/** Tests whether code is safe to be forked. Start at {@link dev.tine.testkit.ForkSafety}. */
@NullMarked
package dev.tine.testkit;

import org.jspecify.annotations.NullMarked;
