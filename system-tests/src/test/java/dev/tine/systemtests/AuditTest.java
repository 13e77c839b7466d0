package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Audited;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the audit says is what a fork does, and what {@code tine audit} prints. */
class AuditTest {
  /** An audit from outside: what it printed, on standard output and error, and its exit code. */
  private record Printed(String text, int exitCode) {}

  @Test
  void shouldSayOfEachDescriptorWhatAChildHas() {
    try (TestJvm jvm = start()) {
      jvm.run("open");
      jvm.run("matches a child");
      jvm.run("close");
      jvm.succeed();
    }
  }

  @Test
  void shouldRefuseWhatAForkRefuses() {
    try (TestJvm jvm = start("-XX:+UseZGC")) {
      jvm.run("is refused");
      assertThat(jvm.awaitLine("refused (.*)").group(1)).contains("ZGC", "-XX:+UseG1GC");
      jvm.succeed();
    }
    try (TestJvm jvm = start()) {
      jvm.run("forks");
      jvm.run("block signals");
      jvm.run("is refused");
      assertThat(jvm.awaitLine("refused (.*)").group(1)).contains("blocks signal 35");
      jvm.run("unblock signals");
      jvm.run("forks");
      jvm.succeed();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "map a file, What one process writes there",
    "open an io_uring, Its queues lie in memory"
  })
  void shouldRefuseMemoryThatAForkRefuses(String what, String reason) {
    try (TestJvm jvm = start()) {
      jvm.run(what);
      jvm.run("is refused");
      assertThat(jvm.awaitLine("refused (.*)").group(1)).startsWith(reason);
      jvm.run("forks if allowed");
      jvm.run("close");
      jvm.run("forks");
      jvm.succeed();
    }
  }

  @Test
  void shouldAuditAnotherProcess() throws Exception {
    try (TestJvm jvm = start()) {
      jvm.run("open");

      Printed table = audit(Long.toString(jvm.pid()));
      assertThat(table.exitCode()).as(table.text()).isZero();
      assertThat(table.text())
          .startsWith("A fork would work.\nJVM " + jvm.pid() + ": ")
          .contains("detached   2 × TCP connection")
          .contains("lost       lock on a file")
          .contains("opened/odd \"name\"?.log");
      assertThat(table.text().lines())
          .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));

      Printed json = audit("--json", Long.toString(jvm.pid()));
      assertThat(json.exitCode()).isZero();
      assertThat(json.text())
          .contains("\"pid\": " + jvm.pid() + ",", "\"verdict\": \"forkable\"")
          .contains("opened/odd \\\"name\\\"\\n.log\"");

      jvm.run("close");
      jvm.succeed();
    }
  }

  @Test
  void shouldExitWithOneIfAForkWouldBeRefused() throws Exception {
    try (TestJvm jvm = start("-XX:+UseZGC")) {

      Printed table = audit(Long.toString(jvm.pid()));

      assertThat(table.exitCode()).as(table.text()).isEqualTo(1);
      assertThat(table.text()).contains("A fork would be refused", "REFUSED    Java heap");
      jvm.succeed();
    }
  }

  @Test
  void shouldSayWhyItCannotLook() throws Exception {
    Process cat = new ProcessBuilder("cat").start();
    try {
      Printed notAJvm = audit(Long.toString(cat.pid()));
      assertThat(notAJvm.exitCode()).isEqualTo(2);
      assertThat(notAJvm.text()).contains("process " + cat.pid() + " (cat) is not a JVM");
    } finally {
      cat.destroyForcibly().waitFor();
    }
    Printed gone = audit(Long.toString(cat.pid()));
    assertThat(gone.exitCode()).isEqualTo(2);
    assertThat(gone.text()).contains("there is no process " + cat.pid());
  }

  @Test
  void shouldSayThatItMayNotLook(@TempDir Path modules) throws Exception {
    assumeThat(System.getProperty("user.name"))
        .as("who can become somebody else")
        .isEqualTo("root");
    Files.setPosixFilePermissions(modules, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (Stream<Path> jars = Files.list(Path.of(System.getProperty("tine.modulepath")))) {
      for (Path jar : jars.toList()) {
        Files.copy(jar, modules.resolve(jar.getFileName()));
      }
    }
    try (TestJvm jvm = start()) {
      Printed denied =
          audit(
              List.of("setpriv", "--reuid=61234", "--regid=61234", "--clear-groups"),
              modules.toString(),
              Long.toString(jvm.pid()));
      assertThat(denied.exitCode()).as(denied.text()).isEqualTo(2);
      assertThat(denied.text()).contains("may not be looked at: it belongs to user 0", "sudo");
      jvm.succeed();
    }
  }

  private static TestJvm start(String... options) {
    TestJvm jvm = TestJvm.of(Audited.class).options(options).start();
    jvm.run("start");
    return jvm;
  }

  private static Printed audit(String... arguments) throws IOException, InterruptedException {
    return audit(List.of(), System.getProperty("tine.modulepath"), arguments);
  }

  private static Printed audit(List<String> launcher, String modulePath, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=dev.tine.sys",
            "-Dpicocli.usage.width=80",
            "-Dstdout.encoding=UTF-8",
            "--module-path",
            modulePath,
            "--module",
            "dev.tine.cli/dev.tine.cli.Tine",
            "audit"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Printed(text, process.exitValue());
  }
}
