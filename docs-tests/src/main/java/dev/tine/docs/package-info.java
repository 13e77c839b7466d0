/**
 * The pages of the documentation: what is made of the code for them, and what is checked in them.
 */
@NullMarked
package dev.tine.docs;

import org.jspecify.annotations.NullMarked;
