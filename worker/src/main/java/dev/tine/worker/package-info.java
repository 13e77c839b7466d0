/** What a program may tell Tine. Start at {@link dev.tine.worker.Worker}. */
@NullMarked
package dev.tine.worker;

import org.jspecify.annotations.NullMarked;
