/** What all benchmarks together have measured, as a page with tables and plots. */
@NullMarked
package dev.tine.benchmarks.report;

import org.jspecify.annotations.NullMarked;
