package dev.tine.run.watch;

import dev.tine.run.Status;
import dev.tine.run.Usage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** All metrics at a moment. Their names and labels stay as they are: docs/RUN.md lists them. */
record Metrics(Status now, Sampler.Sample sample, Counters counters) {
  String text() {
    var out = new Exposition();
    out.metric("tine_info", "gauge", "The program.").sample("tine_info", 1, "name", now.name());
    out.metric("tine_state", "gauge", "1 for what the monitor is in: one of four.");
    for (String state : List.of("booting", "serving", "changing", "stopping")) {
      out.sample("tine_state", now.state().equals(state) ? 1 : 0, "state", state);
    }
    out.metric("tine_generation", "gauge", "Of which workers are made; 0: there is no mold.")
        .sample("tine_generation", now.generation());
    out.metric("tine_workers_wanted", "gauge", "How many workers there are to be.")
        .sample("tine_workers_wanted", now.wanted());
    out.metric("tine_workers", "gauge", "Worker processes.");
    for (String role : List.of("worker", "candidate", "draining")) {
      String state = role.equals("worker") ? "serving" : role;
      out.sample("tine_workers", now.count(role), "state", state);
    }
    workers(out);
    out.metric("tine_accept_queue", "gauge", "Connections that no worker has accepted yet.");
    for (Sampler.Queue queue : sample.queues()) {
      out.sample("tine_accept_queue", queue.waiting(), "port", Integer.toString(queue.port()));
    }
    out.metric("tine_accept_queue_limit", "gauge", "More of them are refused.");
    for (Sampler.Queue queue : sample.queues()) {
      out.sample("tine_accept_queue_limit", queue.limit(), "port", Integer.toString(queue.port()));
    }
    memory(out, "rss", "Resident memory.", Usage::rssBytes);
    memory(out, "pss", "The same, shared pages divided among those that share.", Usage::pssBytes);
    memory(out, "uss", "Memory of the process alone.", Usage::ussBytes);
    memory(
        out,
        "shared",
        "Resident memory that other processes have as well.",
        usage -> Math.max(0, usage.rssBytes() - usage.ussBytes()));
    counters.writeTo(out);
    return out.toString();
  }

  private void workers(Exposition out) {
    out.metric("tine_worker_generation", "gauge", "Of the worker that serves.");
    serving((id, process) -> out.sample("tine_worker_generation", process.generation(), "id", id));
    out.metric("tine_worker_start_time_seconds", "gauge", "Of the worker that serves.");
    serving((id, process) ->
        out.sample(
            "tine_worker_start_time_seconds", process.since().toEpochMilli() / 1e3, "id", id));
    out.metric(
        "tine_worker_cpu_seconds_total", "counter", "Of all that ever had the id, as far as seen.");
    sample
        .cpu()
        .forEach((id, cpu) ->
            out.sample(
                "tine_worker_cpu_seconds_total", cpu.toMillis() / 1e3, "id", Integer.toString(id)));
  }

  private interface Each {
    void accept(String id, Status.Member process);
  }

  private void serving(Each each) {
    for (Status.Member process : now.processes()) {
      if (process.role().equals("worker")) {
        each.accept(Integer.toString(process.id()), process);
      }
    }
  }

  /** Several that drain may have one id and one generation: their sum is shown. */
  private void memory(Exposition out, String kind, String help, ToLongFunction<Usage> value) {
    Map<Key, Long> sums = new TreeMap<>();
    for (Status.Member process : now.processes()) {
      Usage usage = sample.usages().getOrDefault(process.pid(), Usage.NONE);
      sums.merge(
          new Key(process.role(), process.id(), process.generation()),
          value.applyAsLong(usage),
          Long::sum);
    }
    String name = "tine_memory_" + kind + "_bytes";
    out.metric(name, "gauge", help);
    sums.forEach((key, sum) ->
        out.sample(
            name,
            sum,
            "role",
            key.role,
            "id",
            key.id < 0 ? "" : Integer.toString(key.id),
            "generation",
            key.generation == 0 ? "" : Integer.toString(key.generation)));
  }

  private record Key(String role, int id, int generation) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byRole = role.compareTo(other.role);
      int byId = Integer.compare(id, other.id);
      return byRole != 0
          ? byRole
          : byId != 0 ? byId : Integer.compare(generation, other.generation);
    }
  }
}
