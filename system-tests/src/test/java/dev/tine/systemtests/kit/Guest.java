package dev.tine.systemtests.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.tools.ToolProvider;

/** A program that knows nothing of Tine, and a thread beside it that forks it when ordered. */
public final class Guest implements AutoCloseable {
  private static final String RESOURCES = "/dev/tine/systemtests/guest/";

  private final TestJvm jvm;
  private final RandomAccessFile orders;

  private Guest(TestJvm jvm, RandomAccessFile orders) {
    this.jvm = jvm;
    this.orders = orders;
  }

  /** Starts it on a JDK; everything that is made for it is in the directory. */
  public static Guest start(Path jdk, Path directory, List<String> options, String... arguments)
      throws IOException {
    Path source = unpack("Guested.java", directory);
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null, null, null, "--release", "11", "-d", directory.toString(), source.toString());
    assertThat(status).as("the compiler's exit code").isZero();
    Path control = directory.resolve("control.so");
    run(
        "cc",
        "-shared",
        "-fPIC",
        "-D_GNU_SOURCE",
        "-I" + Path.of(System.getProperty("tine.root"), "sys/src/main/c"),
        "-o",
        control.toString(),
        unpack("control.c", directory).toString());
    Path fifo = directory.resolve("orders");
    run("mkfifo", fifo.toString());
    TestJvm jvm =
        TestJvm.of("Guested")
            .java(jdk)
            .classPath(directory.toString())
            .options(options.toArray(String[]::new))
            .arguments(arguments)
            .environment("LD_PRELOAD", TestJvm.faultsLibrary() + ":" + control)
            .environment("TINE_TEST_ORDERS", fifo.toString())
            .environment("TINE_TEST_JAR", TestJvm.repairs())
            .start();
    // For reading too, or this would wait for the thread, which a program that ended early never
    // had.
    return new Guest(jvm, new RandomAccessFile(fifo.toFile(), "rw"));
  }

  /** Has it forked. */
  public void order(int flags) throws IOException {
    orders.write((flags + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  /** Waits for a line of the program or of the thread. */
  public void awaitLine(String regex) {
    jvm.awaitLine(regex);
  }

  /** Ends the input of all processes; what each of them says of itself. */
  public List<Map<String, String>> reports(int processes) {
    jvm.endInput();
    List<Map<String, String>> reports = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      Map<String, String> report = new HashMap<>();
      for (String entry : jvm.awaitLine("report \\{(.*)}").group(1).split(", ", -1)) {
        String[] pair = entry.split("=", 2);
        report.put(pair[0], pair[1]);
      }
      reports.add(report);
    }
    return reports;
  }

  /** It must have ended well, with all its children, and silent on standard error. */
  public void succeed() {
    jvm.succeed();
  }

  /** As {@link #succeed}, but for what it says. */
  public void end() {
    assertThat(jvm.exitCode()).as(jvm.report()).isZero();
    jvm.assertNothingLeft();
  }

  @Override
  public void close() throws IOException {
    jvm.close();
    orders.close();
  }

  private static Path unpack(String resource, Path directory) throws IOException {
    Path file = directory.resolve(resource);
    try (var stream = Guest.class.getResourceAsStream(RESOURCES + resource)) {
      Files.write(file, stream.readAllBytes());
    }
    return file;
  }

  private static void run(String... command) throws IOException {
    try {
      Process process = new ProcessBuilder(command).inheritIO().start();
      assertThat(process.waitFor()).as("exit code of " + command[0]).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
