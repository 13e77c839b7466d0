/**
 * The implementation of {@code org.crac} that notifies resources of forks.
 *
 * <p>With the system property {@code org.crac.Core.Compat=dev.tine.fork.crac}, set when the JVM is
 * started, {@code org.crac} finds the types of this package by their names, and each resource that
 * a framework or a program registers with it gets {@code beforeCheckpoint} before a fork or a
 * freeze, and {@code afterRestore} after it in the parent and in each child or worker. Programs
 * have no need to use these types themselves: they register with {@code org.crac}, or use {@link
 * dev.tine.fork.JvmFork#onFork}.
 *
 * <p>Resources that would stop a web server or a pool and start it again are left out; the system
 * property {@code dev.tine.fork.crac.skip} says which, by class names with commas between, in place
 * of those that Tine knows.
 */
@NullMarked
package dev.tine.fork.crac;

import org.jspecify.annotations.NullMarked;
