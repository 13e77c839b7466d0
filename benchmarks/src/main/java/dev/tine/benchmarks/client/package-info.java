/**
 * What benchmarks of servers share: the server's processes, clients, and the memory of processes.
 */
@NullMarked
package dev.tine.benchmarks.client;

import org.jspecify.annotations.NullMarked;
