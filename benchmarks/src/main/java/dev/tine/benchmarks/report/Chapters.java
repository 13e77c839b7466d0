package dev.tine.benchmarks.report;

import static dev.tine.benchmarks.report.Chapter.table;

import java.util.List;

/** The benchmarks in the order of the page. */
public final class Chapters {
  private Chapters() {}

  /** Their commands. */
  public static List<String> commands() {
    return ALL.stream().map(Chapter::command).toList();
  }

  static final List<Chapter> ALL =
      List.of(
          new Chapter(
              "fork-cost",
              "The cost of a fork",
              """
              `JvmFork.fork()` until the child's Java code runs, beside fork(2) of a C program with as many mappings of the same
              sizes and as much resident memory: the limit that no fork can be below. By turns.\
              """,
              List.of(
                  table(
                      "fork",
                      "Milliseconds; the target is 1.15 x bare + 1 ms, with 1,000 threads bare + 25"
                          + " ms.",
                      "heap_mb",
                      "pages",
                      "threads",
                      "jvm_n",
                      "bare_median_ms",
                      "bare_p90_ms",
                      "jvm_median_ms",
                      "jvm_p90_ms",
                      "ratio",
                      "target_ms",
                      "verdict"),
                  table(
                      "fork",
                      "Where the time of the JVM goes (medians of their own, milliseconds).",
                      "heap_mb",
                      "pages",
                      "threads",
                      "park_ms",
                      "survey_ms",
                      "clone_ms",
                      "descriptors_ms",
                      "threads_ms",
                      "resume_ms",
                      "rest_ms"),
                  table(
                      "descriptors",
                      "A thousand descriptors: survey in the parent, repair in the child.",
                      "kind",
                      "count",
                      "survey_ms",
                      "repair_ms",
                      "per_1000_ms"))),
          new Chapter(
              "subprocess",
              "Programs started, heard of and talked with",
              """
              The library `dev.tine.process` beside a C program with posix_spawn(3), the JDK's ProcessBuilder, NuProcess, Python
              and Node. By turns.\
              """,
              List.of(
                  table(
                      "subprocess",
                      "Higher is better for rates, lower for times.",
                      "what",
                      "peer",
                      "value",
                      "turns",
                      "median",
                      "p10",
                      "p90"))));
}
