/**
 * What the tests share: JVMs to fork, a client that puts them under load, and a look into /proc.
 */
@NullMarked
package dev.tine.systemtests.kit;

import org.jspecify.annotations.NullMarked;
