package dev.tine.benchmarks.server;

import dev.tine.benchmarks.client.Memory;
import dev.tine.benchmarks.client.Requests;
import dev.tine.benchmarks.client.Running;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Memory of a mold and its workers, and of as many plain JVMs.
 *
 * @param booted one JVM that has answered once
 * @param warm the same after the requests of the warm-up
 * @param forked the mold and its workers before their first request
 * @param served the same after all requests
 * @param plain as many JVMs as there are workers, after as many requests
 */
public record Footprint(Memory booted, Memory warm, Memory forked, Memory served, Memory plain) {
  private static final int CONNECTIONS = 8;

  /** Measures. */
  public static Footprint measure(Program program, int workers, int warmUp, int requests)
      throws IOException {
    Memory forked;
    Memory served;
    try (Running tine = program.underTine(workers, OptionalInt.of(warmUp))) {
      forked = Memory.of(tine.members());
      new Requests(List.of(tine.port()), CONNECTIONS).requests(requests);
      served = Memory.of(tine.members());
    }
    List<Running> jvms = new ArrayList<>();
    try {
      jvms.add(program.booted());
      Memory booted = Memory.of(jvms.getFirst().members());
      new Requests(List.of(jvms.getFirst().port()), CONNECTIONS).requests(warmUp);
      Memory warm = Memory.of(jvms.getFirst().members());
      while (jvms.size() < workers) {
        jvms.add(program.booted());
      }
      new Requests(jvms.stream().map(Running::port).toList(), CONNECTIONS).requests(requests);
      List<Long> pids = jvms.stream().flatMap(jvm -> jvm.members().stream()).toList();
      return new Footprint(booted, warm, forked, served, Memory.of(pids));
    } finally {
      jvms.forEach(Running::close);
    }
  }
}
