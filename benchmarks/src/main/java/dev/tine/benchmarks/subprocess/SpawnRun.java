package dev.tine.benchmarks.subprocess;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A JVM with one library under measurement; it understands the same lines as {@code bare_spawn.c},
 * and {@code live N}: how much heap, and how many threads and descriptors, N programs take that
 * live at a time.
 */
public final class SpawnRun {
  static final int CHUNK_BYTES = 65_536;

  private static final int LIMIT_SECONDS = 300;

  private static final int PROCESS_CPU_TIME = 2;

  // Safety: both are as clock_gettime(3) has them, on 64 bits.
  @SuppressWarnings("restricted")
  private static final MethodHandle CLOCK =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("clock_gettime"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

  private SpawnRun() {}

  /** Arguments: {@code tine}, {@code tine-loop}, {@code jdk} or {@code nuprocess}; bare_spawn. */
  public static void main(String[] args) throws Exception {
    Library library =
        switch (args[0]) {
          case "tine" -> new TineLibrary(false);
          case "tine-loop" -> new TineLibrary(true);
          case "jdk" -> new JdkLibrary();
          case "nuprocess" -> new NuLibrary();
          default -> throw new IllegalArgumentException(args[0]);
        };
    System.out.println("ready");
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ", -1);
        System.out.println(
            switch (words[0]) {
              case "spawn" -> spawn(library, number(words[1]), number(words[2]), number(words[3]));
              case "latency" -> latency(library, number(words[1]), args[1], words[2]);
              case "cat" -> cat(library, number(words[1]), number(words[2]));
              case "live" -> live(library, number(words[1]));
              default -> throw new IllegalArgumentException(line);
            });
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static String spawn(Library library, int count, int inFlight, int pipes)
      throws Exception {
    long begin = System.nanoTime();
    long beginProcessor = processorMicros();
    library.spawn(count, inFlight, pipes);
    return (System.nanoTime() - begin) + " " + (processorMicros() - beginProcessor);
  }

  private static String latency(Library library, int count, String bare, String file)
      throws Exception {
    StringBuilder latencies = new StringBuilder();
    for (int i = 0; i < count; i++) {
      long heard = library.endNanos(bare, "end", file);
      ByteBuffer stamp = ByteBuffer.wrap(Files.readAllBytes(Path.of(file)));
      latencies.append(heard - stamp.order(ByteOrder.nativeOrder()).getLong()).append(' ');
    }
    return latencies.toString();
  }

  private static String cat(Library library, int count, int megabytes) throws Exception {
    CountDownLatch ended = new CountDownLatch(count);
    long bytes = (long) megabytes << 20;
    Library.Echo echo = library.echo(count, bytes, ended);
    long begin = System.nanoTime();
    long beginProcessor = processorMicros();
    echo.begin();
    if (!ended.await(LIMIT_SECONDS, TimeUnit.SECONDS) || echo.echoed() != count * bytes) {
      throw new IllegalStateException(echo.echoed() + " of " + count * bytes + " came back");
    }
    return (System.nanoTime() - begin) + " " + (processorMicros() - beginProcessor);
  }

  private static String live(Library library, int count) throws Exception {
    library.live().close();
    long heap = heap();
    int threads = entries("/proc/self/task");
    int descriptors = entries("/proc/self/fd");
    List<AutoCloseable> programs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      programs.add(library.live());
    }
    String result =
        (heap() - heap) / count
            + " "
            + (entries("/proc/self/task") - threads)
            + " "
            + (double) (entries("/proc/self/fd") - descriptors) / count;
    for (AutoCloseable program : programs) {
      program.close();
    }
    return result;
  }

  private static int number(String text) {
    return Integer.parseInt(text);
  }

  private static int entries(String directory) throws IOException {
    try (var list = Files.list(Path.of(directory))) {
      return (int) list.count();
    }
  }

  /** Used heap; what nobody needs does not count. */
  private static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** Of all threads of this process, in user and kernel mode, without its children. */
  private static long processorMicros() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment time = arena.allocate(JAVA_LONG, 2);
      int error = (int) CLOCK.invokeExact(PROCESS_CPU_TIME, time);
      return error < 0
          ? 0
          : time.getAtIndex(JAVA_LONG, 0) * 1_000_000 + time.getAtIndex(JAVA_LONG, 1) / 1000;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
