package dev.tine.fork.internal.audit;

import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What becomes of the services of the JVM itself. */
final class ServicePolicy {
  private static final Subject PROCESS = new Subject.Whole();

  private final Snapshot process;

  ServicePolicy(Snapshot process) {
    this.process = process;
  }

  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    if (hasThread("Attach Listener")) {
      findings.add(
          finding(
              Kind.ATTACH,
              "",
              Treatment.REBUILT,
              "jcmd and jstack reach parent and child by their own pids."));
    }
    recording()
        .ifPresent(target ->
            findings.add(
                finding(
                    Kind.FLIGHT_RECORDER,
                    target,
                    Treatment.REFUSED,
                    "Two processes would write into one recording; stop it before the fork (jcmd"
                        + " PID JFR.stop) and start one in each process.")));
    mapped("/libjdwp.so")
        .ifPresent(path ->
            findings.add(
                finding(
                    Kind.DEBUGGER,
                    path,
                    Treatment.REFUSED,
                    "A debugger talks to one process; start without -agentlib:jdwp.")));
    option(argument -> argument.startsWith("-Dcom.sun.management.jmxremote.port="))
        .ifPresent(argument ->
            findings.add(
                finding(
                    Kind.JMX_PORT,
                    argument.substring(argument.indexOf('=') + 1),
                    Treatment.SHARED,
                    "Its port is a listener like others: whichever process accepts a connection"
                        + " answers for itself.")));
    option(argument -> argument.matches("-Xlog:.*:(file=)?[^:]+.*") && isFile(argument))
        .ifPresent(argument ->
            findings.add(
                finding(
                    Kind.LOG_FILE,
                    argument,
                    Treatment.SHARED,
                    "Parent and child append to the same file; decorate lines with pid to tell"
                        + " them apart.")));
    mapped("/libasyncProfiler.so")
        .ifPresent(path ->
            findings.add(
                finding(
                    Kind.PROFILER,
                    path,
                    Treatment.LOST,
                    "Timers and perf events of threads are not inherited: the child is not"
                        + " profiled until it starts the profiler itself.")));
    long timers = process.timers().stream().filter(line -> line.startsWith("ID:")).count();
    if (timers > 0) {
      findings.add(
          finding(
              Kind.TIMER,
              Long.toString(timers),
              Treatment.LOST,
              "Timers of timer_create(2) are not inherited: make them again in the child."));
    }
    return findings;
  }

  /** "-Xlog:gc:stdout" goes to no file. */
  private static boolean isFile(String argument) {
    String output = argument.split(":", 4)[2];
    return !output.isEmpty() && !output.equals("stdout") && !output.equals("stderr");
  }

  /** The file a recording goes to, or the thread that takes samples for one. */
  private Optional<String> recording() {
    Optional<String> chunk =
        process.files().stream()
            .filter(file -> file.writes() && file.target().endsWith(".jfr"))
            .map(OpenFile::target)
            .findFirst();
    return chunk.isPresent() || !hasThread("JFR Sampler Thr") ? chunk : Optional.of("in memory");
  }

  private boolean hasThread(String name) {
    return process.tasks().stream().anyMatch(task -> task.name().equals(name));
  }

  private Optional<String> mapped(String end) {
    return process.ranges().stream()
        .map(MappedRange::path)
        .filter(path -> path.endsWith(end))
        .findFirst();
  }

  private Optional<String> option(Predicate<String> wanted) {
    return process.command().stream().filter(wanted).findFirst();
  }

  private static Finding finding(Kind kind, String target, Treatment treatment, String why) {
    return new Finding(PROCESS, kind, target, treatment, why);
  }
}
