package dev.tine.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** How much memory the control group of this process may use, containers included. */
final class MemoryLimit {
  private MemoryLimit() {}

  /** In bytes; empty: as much as the machine has. */
  static OptionalLong ofThisProcess() {
    return under(Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"));
  }

  /** The least of all groups from this one up. Version 2, or the memory controller of version 1. */
  static OptionalLong under(Path groups, Path root) {
    OptionalLong least = OptionalLong.empty();
    try {
      for (String line : Files.readAllLines(groups)) {
        String[] parts = line.split(":", 3);
        boolean isUnified = parts.length == 3 && parts[1].isEmpty();
        if (parts.length == 3 && (isUnified || parts[1].equals("memory"))) {
          Path top = isUnified ? root : root.resolve("memory");
          String name = isUnified ? "memory.max" : "memory.limit_in_bytes";
          least = min(least, up(top, parts[2].replaceFirst("^/+", ""), name));
        }
      }
    } catch (IOException e) {
      // not to be seen from here
    }
    return least;
  }

  private static OptionalLong up(Path top, String group, String name) {
    OptionalLong least = OptionalLong.empty();
    // Inside a container its own group is often the top.
    for (@Nullable Path at = top.resolve(group).normalize();
        at != null && at.startsWith(top);
        at = at.getParent()) {
      least = min(least, read(at.resolve(name)));
    }
    return least;
  }

  private static OptionalLong min(OptionalLong one, OptionalLong other) {
    if (one.isEmpty() || other.isEmpty()) {
      return one.isEmpty() ? other : one;
    }
    return OptionalLong.of(Math.min(one.getAsLong(), other.getAsLong()));
  }

  private static OptionalLong read(Path file) {
    try {
      String text = Files.readString(file).strip();
      // Version 1 says "none" with a number that no machine has.
      return text.matches("[0-9]{1,15}")
          ? OptionalLong.of(Long.parseLong(text))
          : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
