package dev.tine.benchmarks.report;

/** A plot and the name of its file. */
record Figure(String file, Plot plot) {}
