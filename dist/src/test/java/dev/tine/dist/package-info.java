/** Tests of the distribution, with real processes. */
@NullMarked
package dev.tine.dist;

import org.jspecify.annotations.NullMarked;
