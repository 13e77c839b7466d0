package dev.tine.systemtests.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A control group of its own for one process and its children, with a limit of tasks. */
public final class PidsGroup implements AutoCloseable {
  private static final Path VERSION_1 = Path.of("/sys/fs/cgroup/pids");
  private static final Path VERSION_2 = Path.of("/sys/fs/cgroup");

  private final Path parent;
  private final Path group;

  private PidsGroup(Path parent, Path group) {
    this.parent = parent;
    this.group = group;
  }

  /** Moves a process into a new group; that takes a root whose container lets it. */
  public static PidsGroup of(long pid) throws IOException {
    Path parent = Files.isDirectory(VERSION_1) ? VERSION_1 : VERSION_2;
    Path group = Files.createDirectory(parent.resolve("tine-test-" + pid));
    Files.writeString(group.resolve("cgroup.procs"), Long.toString(pid));
    return new PidsGroup(parent, group);
  }

  /** Threads of all processes in it. */
  public int tasks() throws IOException {
    return Integer.parseInt(Files.readString(group.resolve("pids.current")).strip());
  }

  /** Lets there be {@code max} threads. */
  public void limit(int max) throws IOException {
    Files.writeString(group.resolve("pids.max"), Integer.toString(max));
  }

  /** Moves what is left to the group above, and deletes this one. */
  @Override
  public void close() throws IOException {
    for (String pid : Files.readAllLines(group.resolve("cgroup.procs"))) {
      Files.writeString(parent.resolve("cgroup.procs"), pid);
    }
    Files.delete(group);
  }
}
