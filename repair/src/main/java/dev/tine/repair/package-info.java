/**
 * The repairs of a forked JVM that need Java. {@link dev.tine.repair.Repairs} makes them for a
 * program that forks itself, {@link dev.tine.repair.Guest} for one that is forked from outside.
 */
@NullMarked
package dev.tine.repair;

import org.jspecify.annotations.NullMarked;
