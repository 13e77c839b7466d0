/** The database server of the tests. */
@NullMarked
package dev.tine.frameworktests.kit;

import org.jspecify.annotations.NullMarked;
