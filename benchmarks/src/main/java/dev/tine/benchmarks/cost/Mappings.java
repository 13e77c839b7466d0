package dev.tine.benchmarks.cost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The mappings of a process: what a fork has to copy. */
public final class Mappings {
  /** One of them; see proc_pid_smaps(5). */
  private record Mapping(long sizeKb, long anonymousKb, long hugeKb) {}

  private final List<Mapping> mappings;

  private Mappings(List<Mapping> mappings) {
    this.mappings = mappings;
  }

  public static Mappings of(long pid) throws IOException {
    List<Mapping> mappings = new ArrayList<>();
    long size = 0;
    long anonymous = 0;
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps"))) {
      if (line.startsWith("Size:")) {
        size = kb(line);
      } else if (line.startsWith("Anonymous:")) {
        anonymous = kb(line);
      } else if (line.startsWith("AnonHugePages:")) {
        mappings.add(new Mapping(size, anonymous, kb(line)));
      }
    }
    return new Mappings(mappings);
  }

  public int count() {
    return mappings.size();
  }

  /** Private memory, which a fork shares until one of both writes. */
  public long anonymousMb() {
    return mappings.stream().mapToLong(Mapping::anonymousKb).sum() >> 10;
  }

  public long hugeMb() {
    return mappings.stream().mapToLong(Mapping::hugeKb).sum() >> 10;
  }

  /** Writes them as bare_fork reads them. */
  public void write(Path file) throws IOException {
    Files.write(
        file,
        mappings.stream().map(m -> m.sizeKb() + " " + m.anonymousKb() + " " + m.hugeKb()).toList());
  }

  private static long kb(String line) {
    String[] words = line.split(" +", -1);
    return Long.parseLong(words[1]);
  }
}
