package dev.tine.benchmarks.report;

import static dev.tine.benchmarks.report.Chapter.table;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The benchmarks in the order of the page. */
public final class Chapters {
  private Chapters() {}

  /** How they are called, by their names. */
  public static Map<String, List<String>> calls() {
    Map<String, List<String>> calls = new LinkedHashMap<>();
    ALL.forEach(chapter -> calls.put(chapter.name(), chapter.call()));
    return calls;
  }

  private static final Chapter.Table LOSS =
      table(
          "loss",
          "Requests.",
          "changes",
          "changes_refused",
          "requests_answered",
          "requests_answered_kept",
          "requests_failed",
          "kills",
          "requests_in_flight_in_killed_workers",
          "requests_repeated",
          "seconds");

  static final List<Chapter> ALL =
      List.of(
          new Chapter(
              List.of("fork-cost"),
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
              List.of("run-server"),
              "A Spring Boot server under `tine run`",
              """
              The program of `tine demo`, unchanged, beside plain JVMs of the same jar with the same options. By turns; clients and
              servers share the processors.\
              """,
              List.of(
                  table(
                      "recovery",
                      "From `kill -9` of the only worker until its successor has accepted, and"
                          + " answered, a client that connected meanwhile, and until the monitor"
                          + " has told of both; a cold start until the first answer beside it."
                          + " Milliseconds.",
                      "kills",
                      "accepted_median_ms",
                      "accepted_p10_ms",
                      "accepted_p90_ms",
                      "accepted_p99_ms",
                      "answered_median_ms",
                      "answered_p99_ms",
                      "told_median_ms",
                      "told_p99_ms",
                      "cold_start_n",
                      "cold_start_median_ms"),
                  table(
                      "throughput",
                      "Workers against one JVM, both warm, on the same processors.",
                      "workers",
                      "tine_n",
                      "tine_median_per_s",
                      "tine_p10_per_s",
                      "tine_p90_per_s",
                      "tine_p99_ms",
                      "jvm_median_per_s",
                      "jvm_p10_per_s",
                      "jvm_p90_per_s",
                      "jvm_p99_ms"))),
          new Chapter(
              List.of("run-server", "--memory"),
              "Memory of a Spring Boot server under `tine run`",
              """
              The same program. PSS counts a page that several processes share in parts, RSS whole.\
              """,
              List.of(
                  table(
                      "growth",
                      "Memory (PSS, MB) of a mold and its workers, at the fork and after requests,"
                          + " and of as many JVMs.",
                      "workers",
                      "forked_pss_mb",
                      "served_pss_mb",
                      "jvms_pss_mb"),
                  table(
                      "memory",
                      "Memory (MB) of a mold and four workers, of one JVM, and of four JVMs after"
                          + " as many requests.",
                      "collector",
                      "cache_mb",
                      "flags",
                      "forked_pss_mb",
                      "served_pss_mb",
                      "jvm_booted_rss_mb",
                      "jvm_warm_rss_mb",
                      "jvms_rss_mb",
                      "jvms_pss_mb"))),
          new Chapter(
              List.of("servers"),
              "Servers of several processes",
              """
              The same Spring Boot program under `tine run`, as one JVM, as JVMs behind HAProxy, and with an AOT cache for its start;
              and a page of one line as Java, Python and Node serve it, each by its own means. The hello programs do not do identical
              work: compare what happens to processes, not requests per second. By turns, with the same clients.\
              """,
              List.of(
                  table(
                      "peer",
                      "Who took part.",
                      "program",
                      "peer",
                      "workers",
                      "note",
                      "is_measured",
                      "failure"),
                  table(
                      "start",
                      "From the command until the first answer, and until every worker has"
                          + " answered. For `tine run` the warm-up is in it.",
                      "program",
                      "peer",
                      "first_answer_n",
                      "first_answer_median_ms",
                      "all_answer_median_ms"),
                  table(
                      "successor",
                      "From `kill -9` of a worker until a new one answers.",
                      "program",
                      "peer",
                      "answered_n",
                      "answered_median_ms",
                      "answered_p90_ms",
                      "answered_p99_ms"),
                  table(
                      "reload",
                      "All workers replaced while clients ask.",
                      "program",
                      "peer",
                      "took_n",
                      "took_median_ms",
                      "requests_sent",
                      "requests_failed"),
                  table(
                      "memory",
                      "Memory of all processes after the same number of requests.",
                      "program",
                      "peer",
                      "pss_mb",
                      "pss_per_worker_mb"),
                  table(
                      "load",
                      "As many requests as go; 1 is even, 4 is one worker of four that did it all.",
                      "program",
                      "peer",
                      "load",
                      "requests_n",
                      "requests_median_per_s",
                      "p99_median_ms",
                      "max_to_mean_median_x",
                      "min_to_mean_median_x",
                      "requests_failed_max"))),
          new Chapter(
              List.of("zero-loss"),
              "What is lost when workers are replaced",
              """
              Clients ask without a pause, with a connection for each request and with connections that are kept, while the server
              is reloaded, reforked, rolled back, scaled and restarted by turns.\
              """,
              List.of(LOSS)),
          new Chapter(
              List.of("zero-loss", "--kill"),
              "What is lost when workers are killed, too",
              """
              The same, with a worker killed by SIGKILL after each change. What was in flight in it when it died is lost with it, and
              counted apart; it is known from the connections that it had open.\
              """,
              List.of(LOSS)),
          new Chapter(
              List.of("accept-balance"),
              "Who gets a connection",
              """
              Four workers of each server with each way to accept. 1 is even; 4 is one worker that did it all.\
              """,
              List.of(
                  table(
                      "accept",
                      "Requests of the busiest and the idlest worker against the mean.",
                      "server",
                      "accept",
                      "load",
                      "max_to_mean",
                      "min_to_mean",
                      "requests_per_s",
                      "p50_ms",
                      "p99_ms",
                      "failed"))),
          new Chapter(
              List.of("subprocess"),
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
