package dev.tine.fork.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** The locks on files that a process holds, by {@code /proc/PID/fdinfo}. */
final class RecordLocks {
  /** A lock without the number it was found by: the kernel shows it with each one of the file. */
  private record Identity(String path, RecordLock.Kind kind, long begin, long end) {}

  private RecordLocks() {}

  /**
   * Those of a process, by ascending number of the descriptor; each once, though several numbers
   * may refer to the file.
   *
   * @param process {@code /proc/self}, or {@code /proc/PID}
   * @throws IOException if there is no such process, or it may not be looked at
   */
  static List<RecordLock> of(Path process) throws IOException {
    TreeMap<Integer, Path> numbers = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fdinfo"))) {
      for (Path file : files) {
        numbers.put(Integer.valueOf(file.getFileName().toString()), file);
      }
    }
    List<RecordLock> locks = new ArrayList<>();
    Set<Identity> seen = new HashSet<>();
    for (var entry : numbers.entrySet()) {
      for (RecordLock lock : of(process, entry.getKey(), entry.getValue())) {
        if (seen.add(new Identity(lock.path(), lock.kind(), lock.begin(), lock.end()))) {
          locks.add(lock);
        }
      }
    }
    return locks;
  }

  private static List<RecordLock> of(Path process, int number, Path info) {
    List<RecordLock> locks = new ArrayList<>();
    try {
      String text = Files.readString(info, StandardCharsets.ISO_8859_1);
      if (text.contains("lock:")) {
        String path = Files.readSymbolicLink(process.resolve("fd/" + number)).toString();
        text.lines().forEach(line -> RecordLock.parse(number, path, line).ifPresent(locks::add));
      }
    } catch (IOException e) {
      // It has been closed meanwhile.
    }
    return locks;
  }
}
