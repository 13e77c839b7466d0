/**
 * The programs that the tests run and that fork; they take commands as those of the system tests
 * do.
 */
@NullMarked
package dev.tine.frameworktests.programs;

import org.jspecify.annotations.NullMarked;
