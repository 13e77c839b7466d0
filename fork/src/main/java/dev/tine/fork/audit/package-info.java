/**
 * What a fork would do with everything a JVM has open, mapped and running. Start at {@link
 * dev.tine.fork.audit.Audit}.
 */
@NullMarked
package dev.tine.fork.audit;

import org.jspecify.annotations.NullMarked;
