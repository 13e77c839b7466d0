/** Programs as people write them, with frameworks and a database, that fork. */
@NullMarked
package dev.tine.frameworktests;

import org.jspecify.annotations.NullMarked;
