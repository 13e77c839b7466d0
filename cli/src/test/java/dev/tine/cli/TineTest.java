package dev.tine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class TineTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine tine = Tine.commandLine();
    tine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return tine.execute(args);
  }

  @Test
  void shouldPrintHelpWithoutArguments() {
    int exitCode = run();

    assertThat(exitCode).isZero();
    assertThat(out.toString()).contains("Usage: tine").contains("demo").contains("Exit codes:");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void shouldPrintTheVersionOfTheBuild() {
    int exitCode = run("--version");

    assertThat(exitCode).isZero();
    assertThat(out.toString()).containsPattern("^tine \\d+\\.\\d+\\.\\d+").doesNotContain("${");
  }

  @Test
  void shouldExplainTheDemo() {
    int exitCode = run("demo", "--help");

    assertThat(exitCode).isZero();
    assertThat(out.toString())
        .contains("--listen=HOST:PORT")
        .contains("127.0.0.1:8080")
        .contains("--workers=N")
        .containsPattern("processes, 1 to 1024\\s+\\(default: 2\\)");
  }

  @Test
  void shouldNameAnUnknownCommandAndTheLikelyOne() {
    int exitCode = run("demmo");

    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString()).contains("tine: ").contains("'demmo'").contains("demo");
  }

  @Test
  void shouldRefuseAWrongAddress() {
    int exitCode = run("demo", "--listen", "8080");

    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString())
        .contains("tine demo: Invalid value for option '--listen'")
        .contains("'8080': expected HOST:PORT")
        .contains("Try 'tine demo --help'.");
  }

  @Test
  void shouldRefuseAWrongNumberOfWorkers() {
    int exitCode = run("demo", "--workers", "0");

    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString()).contains("'--workers'").contains("from 1 to 1024");
  }

  @Test
  void shouldSayThatThePortIsInUse() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int exitCode = run("demo", "--listen", "127.0.0.1:" + taken.getLocalPort());

      assertThat(exitCode).isEqualTo(1);
      assertThat(err.toString())
          .contains("127.0.0.1:" + taken.getLocalPort() + ": the port is in use")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void shouldSayThatTheHostIsUnknown() {
    int exitCode = run("demo", "--listen", "no-such-host.invalid:8080");

    assertThat(exitCode).isEqualTo(1);
    assertThat(err.toString())
        .contains("no-such-host.invalid:8080: no such host is known here")
        .doesNotContain("\tat ");
  }

  @Test
  void shouldReloadTheProgramOfAName() {
    int exitCode = run("reload", "no-such-program");

    assertThat(exitCode).isEqualTo(1);
    assertThat(err.toString()).contains("no monitor answers at ").contains("no-such-program");
  }

  @Test
  void shouldReloadTheProgramOfANameWithACommand() {
    int exitCode = run("reload", "no-such-program", "--", "java", "-jar", "x.jar");

    assertThat(exitCode).isEqualTo(1);
    assertThat(err.toString()).contains("no-such-program");
  }

  @Test
  void shouldNotTakeACommandForNames() {
    int exitCode = run("reload", "java", "x.jar");

    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString())
        .contains("tine reload: one NAME, or a command after '--', as in: tine reload -- java");
  }

  @Test
  void shouldReloadWithACommandOfOneWord() {
    int exitCode = run("reload", "--control", "/nowhere/control", "--", "sh");

    assertThat(exitCode).isEqualTo(1);
    assertThat(err.toString()).contains("no monitor answers at /nowhere/control");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--restart-limit | 10 | is not a number of restarts and a time",
        "--restart-limit-all | 10/60 | is not a time",
        "--permanent-exit | 256 | must be from 0 to 255",
        "--on-give-up | panic | none of stop-id, degrade, stop-all",
        "--on-deadlock | panic | neither report nor replace",
        "--liveness-interval | 1ms | must be at least 100ms",
        "--liveness-timeout | 6s | must be at least twice --liveness-interval, or 0s",
        "--max-requests | 0 | must be at least 1",
      })
  void shouldRefuseAWrongPolicy(String option, String value, String reason) {
    int exitCode = run("run", option, value, "--", "java");

    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString()).contains(option).contains(reason);
  }
}
