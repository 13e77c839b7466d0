package dev.tine.systemtests.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

/**
 * Processes as /proc shows them. A process that is not there has no children, descriptors or
 * threads.
 */
public final class Proc {
  private static final Path PROC = Path.of("/proc");

  private Proc() {}

  /**
   * The pid of this process, also in a forked child, where {@link ProcessHandle} may remember
   * another.
   */
  public static long self() {
    try {
      return Long.parseLong(Files.readSymbolicLink(PROC.resolve("self")).toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its children, zombies included. */
  public static List<Long> children(long pid) {
    return matching(candidate -> parent(candidate) == pid);
  }

  /** Live processes whose environment, as they were started or forked, has {@code variable}. */
  public static List<Long> withEnvironment(String variable) {
    return matching(pid -> read(pid, "environ").contains(variable) && state(pid) != 'Z');
  }

  /** Its parent's pid; 0: there is no such process. */
  public static long parent(long pid) {
    String[] fields = stat(pid);
    return fields.length < 2 ? 0 : Long.parseLong(fields[1]);
  }

  /** R, S, D, T, Z …; '-': there is no such process. */
  public static char state(long pid) {
    String[] fields = stat(pid);
    return fields.length == 0 ? '-' : fields[0].charAt(0);
  }

  /** Ticks of processor time it has used. */
  public static long cpuTicks(long pid) {
    String[] fields = stat(pid);
    return fields.length < 13 ? 0 : Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  /** What ps shows of it. */
  public static String title(long pid) {
    return read(pid, "cmdline").replace('\0', ' ').strip();
  }

  /** Its open descriptors and what they refer to. */
  public static Map<Integer, String> descriptors(long pid) {
    Map<Integer, String> targets = new TreeMap<>();
    for (Path link : list(PROC.resolve(pid + "/fd"))) {
      try {
        targets.put(
            Integer.valueOf(link.getFileName().toString()),
            Files.readSymbolicLink(link).toString());
      } catch (IOException e) {
        // The descriptor by which the directory was listed.
      }
    }
    return targets;
  }

  /** Names of its threads, sorted. */
  public static List<String> threadNames(long pid) {
    List<String> names = new ArrayList<>();
    for (Path task : list(PROC.resolve(pid + "/task"))) {
      String name = read(task.resolve("comm")).strip();
      if (!name.isEmpty()) { // it has ended meanwhile
        names.add(name);
      }
    }
    names.sort(null);
    return names;
  }

  /** Its threads, one line each: tid, name, and what it waits for in the kernel. */
  public static List<String> threads(long pid) {
    return list(PROC.resolve(pid + "/task")).stream()
        .map(task ->
            String.join(
                " ",
                task.getFileName().toString(),
                read(task.resolve("comm")).strip(),
                read(task.resolve("wchan")),
                read(task.resolve("syscall")).strip()))
        .toList();
  }

  /** A line "key: value" of its status; "": not there. */
  public static String status(long pid, String key) {
    return read(pid, "status")
        .lines()
        .filter(line -> line.startsWith(key + ":"))
        .map(line -> line.substring(key.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  /**
   * Memory of the code that a JVM has compiled, in kB.
   *
   * @param own what of the resident pages no other process has
   */
  public record Code(long resident, long own) {}

  /** That of a process. */
  public static Code code(long pid) {
    long resident = 0;
    long own = 0;
    boolean isCode = false;
    for (String line : read(pid, "smaps").lines().toList()) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        isCode = line.contains(" rwxp ");
      } else if (isCode && line.startsWith("Rss:")) {
        resident += kilobytes(line);
      } else if (isCode && line.startsWith("Private_Dirty:")) {
        own += kilobytes(line);
      }
    }
    return new Code(resident, own);
  }

  private static long kilobytes(String line) {
    return Long.parseLong(line.replaceAll("[^0-9]", ""));
  }

  private static List<Long> matching(LongPredicate predicate) {
    return list(PROC).stream()
        .map(path -> path.getFileName().toString())
        .filter(name -> Character.isDigit(name.charAt(0)))
        .map(Long::valueOf)
        .filter(predicate::test)
        .toList();
  }

  /** The fields of /proc/PID/stat from the state on. */
  private static String[] stat(long pid) {
    String text = read(pid, "stat");
    return text.isEmpty()
        ? new String[0]
        : text.substring(text.lastIndexOf(')') + 2).strip().split(" ");
  }

  private static String read(long pid, String file) {
    return read(PROC.resolve(pid + "/" + file));
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // it has ended
    }
  }

  private static List<Path> list(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }
}
