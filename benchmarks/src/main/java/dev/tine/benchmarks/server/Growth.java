package dev.tine.benchmarks.server;

import dev.tine.benchmarks.client.Memory;
import dev.tine.benchmarks.client.Requests;
import dev.tine.benchmarks.client.Running;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Memory of so many workers, and of as many JVMs, each of which has answered the same number of
 * requests.
 *
 * @param forked PSS of the mold and its workers before their first request
 * @param served the same after the requests
 * @param plain PSS of the JVMs after the requests
 */
public record Growth(int workers, double forked, double served, double plain) {
  private static final int CONNECTIONS_EACH = 2;

  /** Measures, with ever more workers. */
  public static List<Growth> measure(
      Program program, List<Integer> counts, int warmUp, int requestsEach) throws IOException {
    List<Growth> result = new ArrayList<>();
    List<Running> jvms = new ArrayList<>();
    try {
      for (int workers : counts) {
        double forked;
        double served;
        try (Running tine = program.underTine(workers, OptionalInt.of(warmUp))) {
          forked = Memory.of(tine.members()).pss();
          new Requests(List.of(tine.port()), workers * CONNECTIONS_EACH)
              .requests(workers * requestsEach);
          served = Memory.of(tine.members()).pss();
        }
        while (jvms.size() < workers) {
          Running jvm = program.booted();
          jvms.add(jvm);
          new Requests(List.of(jvm.port()), CONNECTIONS_EACH).requests(requestsEach);
        }
        List<Long> pids = jvms.stream().flatMap(jvm -> jvm.members().stream()).toList();
        result.add(new Growth(workers, forked, served, Memory.of(pids).pss()));
      }
    } finally {
      jvms.forEach(Running::close);
    }
    return result;
  }
}
