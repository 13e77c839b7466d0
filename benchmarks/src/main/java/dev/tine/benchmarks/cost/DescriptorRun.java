package dev.tine.benchmarks.cost;

import dev.tine.benchmarks.Jvm;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** One JVM with many descriptors of a kind, forked again and again. */
public final class DescriptorRun {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int WARM_UP = 10;
  private static final String NO_MORE_THREADS = "0";

  private DescriptorRun() {}

  /** Measures. */
  public static Parts run(OpenDescriptors kind, int count, int rounds) throws IOException {
    Parts parts = new Parts();
    List<String> options = List.of("-Xms64m", "-Xmx64m", "-XX:+UseSerialGC");
    List<String> arguments = List.of(NO_MORE_THREADS, kind.name(), Integer.toString(count));
    try (Jvm jvm = Jvm.of(CostRun.class, options, arguments)) {
      hear(jvm);
      for (int i = 0; i < WARM_UP + rounds; i++) {
        jvm.tell("fork");
        String line = hear(jvm);
        hear(jvm);
        if (i >= WARM_UP) {
          parts.add(line);
        }
      }
    }
    return parts;
  }

  private static String hear(Jvm jvm) {
    return jvm.hear(LIMIT)
        .orElseThrow(() -> new IllegalStateException("the JVM under measurement has ended"));
  }
}
