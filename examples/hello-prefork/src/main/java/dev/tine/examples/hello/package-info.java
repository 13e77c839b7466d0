/** An HTTP server that binds once and serves from several forked workers. */
@NullMarked
package dev.tine.examples.hello;

import org.jspecify.annotations.NullMarked;
