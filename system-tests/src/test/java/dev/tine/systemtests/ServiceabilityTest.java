package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.systemtests.kit.JdkTool;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Generations;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tools of the JDK work on a child as on any JVM. */
class ServiceabilityTest {
  private static TestJvm parent;
  private static String child = "";

  @BeforeAll
  static void start() {
    parent = TestJvm.of(Generations.class).start();
    parent.send("make a child");
    child = parent.awaitLine("child (\\d+)").group(1);
  }

  @AfterAll
  static void end() {
    parent.send("e");
    parent.awaitLine("ok make a child");
    parent.finish();
  }

  @Test
  void shouldPrintThreads() {
    assertThat(JdkTool.run("jcmd", child, "Thread.print"))
        .contains("\"a thread to find\"", "\"main\"", "\"VM Thread\"", "Generations.waitForEver");
  }

  @Test
  void shouldPrintStacks() {
    assertThat(JdkTool.run("jstack", child))
        .contains("\"a thread to find\"", "Generations.waitForEver");
  }

  @Test
  void shouldPrintTheHeap() {
    assertThat(JdkTool.run("jcmd", child, "GC.heap_info")).contains("garbage-first heap");
  }

  @Test
  void shouldCountObjects() {
    assertThat(JdkTool.run("jmap", "-histo", child)).contains("java.lang.String", "#instances");
  }

  @Test
  void shouldDumpTheHeap(@TempDir Path directory) throws Exception {
    Path dump = directory.resolve("heap.hprof");

    JdkTool.run("jcmd", child, "GC.heap_dump", dump.toString());

    try (var file = Files.newInputStream(dump)) {
      assertThat(new String(file.readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("JAVA PROFILE");
    }
    assertThat(Files.size(dump)).isGreaterThan(1_000_000);
  }

  @Test
  void shouldServeTheParentToo() {
    assertThat(JdkTool.run("jcmd", Long.toString(parent.pid()), "Thread.print"))
        .contains("\"a thread to find\"");
  }
}
