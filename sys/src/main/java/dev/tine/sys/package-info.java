/**
 * The C core, one static method for each of its functions. Every function that fails returns {@code
 * -errno}.
 */
@NullMarked
package dev.tine.sys;

import org.jspecify.annotations.NullMarked;
