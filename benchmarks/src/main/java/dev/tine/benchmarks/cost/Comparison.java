package dev.tine.benchmarks.cost;

import dev.tine.benchmarks.Jvm;
import dev.tine.benchmarks.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One JVM and its bare peer, forked by turns. */
public final class Comparison {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int WARM_UP = 15;

  private final Parts jvmParts = new Parts();
  private final Samples bare = new Samples();
  private final Mappings jvmMappings;
  private final Mappings bareMappings;

  private Comparison(long jvmPid, long barePid) throws IOException {
    jvmMappings = Mappings.of(jvmPid);
    bareMappings = Mappings.of(barePid);
  }

  /**
   * Measures.
   *
   * @param options of the JVM
   * @param threads that it shall have
   */
  public static Comparison run(List<String> options, int threads, int rounds) throws IOException {
    Path file = Files.createTempFile("fork-cost-", ".mappings");
    try (Jvm jvm = Jvm.of(CostRun.class, options, List.of(Integer.toString(threads)))) {
      hear(jvm);
      Parts ignored = new Parts();
      for (int i = 0; i < WARM_UP; i++) {
        forkJvm(jvm, ignored);
      }
      Mappings.of(jvm.pid()).write(file);
      try (Jvm peer =
          Jvm.ofCommand(System.getProperty("tine.benchmarks.bareFork"), file.toString())) {
        hear(peer);
        forkBare(peer, new Samples());
        Comparison comparison = new Comparison(jvm.pid(), peer.pid());
        for (int i = 0; i < rounds; i++) {
          // By turns also in who is first, so that neither gains from what the other leaves behind.
          if (i % 2 == 0) {
            forkBare(peer, comparison.bare);
          }
          forkJvm(jvm, comparison.jvmParts);
          if (i % 2 != 0) {
            forkBare(peer, comparison.bare);
          }
        }
        return comparison;
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }

  public Samples jvm() {
    return jvmParts.total();
  }

  public Samples bare() {
    return bare;
  }

  public Parts parts() {
    return jvmParts;
  }

  /** Of the JVM and of its peer; they should hardly differ. */
  public String memory() {
    return "%5d/%-5d %5d/%-5d %5d/%-5d"
        .formatted(
            jvmMappings.count(),
            bareMappings.count(),
            jvmMappings.residentMb(),
            bareMappings.residentMb(),
            jvmMappings.hugeMb(),
            bareMappings.hugeMb());
  }

  private static void forkJvm(Jvm jvm, Parts parts) {
    jvm.tell("fork");
    parts.add(hear(jvm));
    hear(jvm);
  }

  private static void forkBare(Jvm peer, Samples samples) {
    peer.tell("fork");
    samples.add(Long.parseLong(hear(peer)));
  }

  private static String hear(Jvm process) {
    Optional<String> line = process.hear(LIMIT);
    return line.orElseThrow(() ->
        new IllegalStateException(
            "process " + process.pid() + " has ended; standard error may say why"));
  }
}
