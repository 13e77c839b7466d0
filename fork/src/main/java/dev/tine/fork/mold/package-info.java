/**
 * Molds: frozen copies of a warm program, which do nothing but fork workers on the order of their
 * monitor. Internal to Tine.
 */
@NullMarked
package dev.tine.fork.mold;

import org.jspecify.annotations.NullMarked;
