package dev.tine.benchmarks.cost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The mappings of a process: what a fork has to copy. */
public final class Mappings {
  /**
   * One of them; see proc_pid_smaps(5).
   *
   * @param residentKb 0 also where nothing is private: fork(2) leaves such a mapping to page faults
   */
  private record Mapping(long sizeKb, long residentKb, long hugeKb) {}

  private final List<Mapping> mappings;

  private Mappings(List<Mapping> mappings) {
    this.mappings = mappings;
  }

  public static Mappings of(long pid) throws IOException {
    List<Mapping> mappings = new ArrayList<>();
    long size = 0;
    long resident = 0;
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps"))) {
      if (line.startsWith("Size:")) {
        size = kb(line);
      } else if (line.startsWith("Rss:")) {
        resident = kb(line);
      } else if (line.startsWith("Anonymous:")) {
        resident = kb(line) > 0 ? resident : 0;
      } else if (line.startsWith("AnonHugePages:")) {
        mappings.add(new Mapping(size, resident, kb(line)));
      }
    }
    return new Mappings(mappings);
  }

  public int count() {
    return mappings.size();
  }

  /** Memory whose page tables a fork copies. */
  public long residentMb() {
    return mappings.stream().mapToLong(Mapping::residentKb).sum() >> 10;
  }

  public long hugeMb() {
    return mappings.stream().mapToLong(Mapping::hugeKb).sum() >> 10;
  }

  /** Writes them as bare_fork reads them. */
  public void write(Path file) throws IOException {
    Files.write(
        file,
        mappings.stream().map(m -> m.sizeKb() + " " + m.residentKb() + " " + m.hugeKb()).toList());
  }

  private static long kb(String line) {
    String[] words = line.split(" +", -1);
    return Long.parseLong(words[1]);
  }
}
