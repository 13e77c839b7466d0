package dev.tine.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What can be seen of a process that hangs, or has crashed, from outside. */
public final class Evidence {
  private static final int CRASH_REPORT_LINES = 80;

  private Evidence() {}

  /**
   * Prints where each thread of the process and of its descendants stands in the kernel, and asks
   * their JVMs for thread dumps, which they print to standard error themselves.
   */
  public static void ofHanging(long pid, PrintStream out) {
    ProcessHandle.of(pid)
        .ifPresent(process -> {
          print(pid, out);
          process.descendants().forEach(descendant -> print(descendant.pid(), out));
        });
  }

  /** Prints the head of HotSpot's crash report of the process, if it wrote one. */
  public static void ofCrashed(Path directory, long pid, PrintStream out) {
    Path report = directory.resolve("hs_err_" + pid + ".log");
    try {
      if (Files.exists(report)) {
        Files.readAllLines(report).stream().limit(CRASH_REPORT_LINES).forEach(out::println);
      }
    } catch (IOException e) {
      out.println("cannot read " + report + ": " + e.getMessage());
    }
  }

  private static void print(long pid, PrintStream out) {
    out.printf("process %d: tid, state, name, kernel function, system call%n", pid);
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (Path task : tasks) {
        out.printf(
            "%8s %s %-16s %-24s %s%n",
            task.getFileName(),
            state(task),
            read(task, "comm"),
            read(task, "wchan"),
            read(task, "syscall"));
      }
      new ProcessBuilder("kill", "-QUIT", Long.toString(pid)).inheritIO().start().waitFor();
      Thread.sleep(
          2000); // the dump is printed by the process itself, which does not say when it is done
    } catch (IOException e) {
      out.println("cannot look at process " + pid + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String state(Path task) {
    String status = read(task, "stat");
    int name = status.lastIndexOf(')');
    return name < 0 ? "?" : status.substring(name + 2, name + 3);
  }

  private static String read(Path task, String file) {
    try {
      List<String> lines = Files.readAllLines(task.resolve(file));
      return lines.isEmpty() ? "" : lines.getFirst();
    } catch (IOException e) {
      return "?";
    }
  }
}
