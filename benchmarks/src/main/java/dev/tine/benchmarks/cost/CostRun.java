package dev.tine.benchmarks.cost;

import dev.tine.fork.Fork;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.JvmFork;
import dev.tine.fork.internal.Forking;
import dev.tine.sys.ForkCall;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * An idle JVM with a given number of threads and descriptors. For each line "fork" on standard
 * input it forks once; the child prints what a {@link Parts} reads.
 */
public final class CostRun {
  private CostRun() {}

  /** Held, so that no collection closes them. */
  private static List<Object> held = List.of();

  /**
   * Arguments: how many threads the process shall have; then, if wanted, the name of {@link
   * OpenDescriptors}, and how many.
   */
  public static void main(String[] args) throws Exception {
    startThreads(Integer.parseInt(args[0]));
    if (args.length > 1) {
      held = OpenDescriptors.valueOf(args[1]).open(Integer.parseInt(args[2]));
    }
    print("ready " + held.size());
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      String line = in.readLine();
      while ("fork".equals(line)) {
        fork();
        line = in.readLine();
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static void fork() throws IOException, InterruptedException {
    long beginNanos = System.nanoTime();
    switch (JvmFork.fork()) {
      case Fork.Child() -> {
        long ranNanos = System.nanoTime();
        ForkCall.Result result = Forking.last();
        if (result != null) {
          print(Parts.line(beginNanos, ranNanos, result.timing()));
        }
        Runtime.getRuntime().halt(0);
      }
      case Fork.Parent(ForkedProcess child) -> {
        child.waitFor();
        print("done"); // the next fork must not meet the end of this one
      }
    }
  }

  private static void startThreads(int wanted) throws IOException {
    for (int missing = wanted - count(); missing > 0; missing--) {
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            while (true) {
              LockSupport.park();
            }
          });
    }
  }

  private static int count() throws IOException {
    String[] tasks = new File("/proc/self/task").list();
    if (tasks == null) {
      throw new IOException("cannot list /proc/self/task");
    }
    return tasks.length;
  }

  /* One write: parent and child share the pipe. */
  private static void print(String line) throws IOException {
    @SuppressWarnings("resource") // standard output stays open
    FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
