package dev.tine.process.testing;

import dev.tine.process.Command;
import dev.tine.process.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A program that does what a test says, in the place of a real one: each method adds a step.
 * Immutable.
 *
 * <pre>{@code
 * Path git = FakeProgram.of().print("main\n").exit(0).install(directory, "git");
 * }</pre>
 */
public final class FakeProgram {
  private final List<String> steps;

  private FakeProgram(List<String> steps) {
    this.steps = steps;
  }

  /** One that does nothing, and exits with 0. */
  public static FakeProgram of() {
    return new FakeProgram(List.of());
  }

  /** Writes to stdout. */
  public FakeProgram print(String text) {
    return step("printf %s " + quoted(text));
  }

  /** Writes to stderr. */
  public FakeProgram printError(String text) {
    return step("printf %s " + quoted(text) + " >&2");
  }

  /** Writes so many bytes to stdout. */
  public FakeProgram flood(long bytes) {
    return step("head -c " + bytes + " /dev/zero");
  }

  /** Writes its arguments to stdout, a line each. */
  public FakeProgram printArguments() {
    return step("for a in \"$@\"; do printf '%s\\n' \"$a\"; done");
  }

  /** Writes a line of stdin to stdout; does nothing at the end. */
  public FakeProgram echoLine() {
    return step("if IFS= read -r line; then printf '%s\\n' \"$line\"; fi");
  }

  /** Waits for a line of stdin, or its end. */
  public FakeProgram awaitLine() {
    return step("read -r line || :");
  }

  /** Copies stdin to stdout until it ends. */
  public FakeProgram echo() {
    return step("cat");
  }

  /** Closes stdout and stderr, and goes on. */
  public FakeProgram closeOutput() {
    return step("exec >&- 2>&-");
  }

  /** Lets time pass. */
  public FakeProgram pause(Duration time) {
    return step(String.format(Locale.ROOT, "sleep %.3f", time.toNanos() / 1e9));
  }

  /** Ignores a signal from now on. */
  public FakeProgram ignore(Signal signal) {
    return step("trap '' " + signal.number());
  }

  /** Leaves a process behind that holds stdout and stderr for some time. */
  public FakeProgram leaveBehind(Duration time) {
    return step(String.format(Locale.ROOT, "sleep %.3f &", time.toNanos() / 1e9));
  }

  /** Ends by a signal, without a core dump. */
  public FakeProgram die(Signal signal) {
    return step("ulimit -c 0; kill -" + signal.number() + " $$");
  }

  /** Exits. */
  public FakeProgram exit(int code) {
    return step("exit " + code);
  }

  /** A command that runs it. */
  public Command command(String... arguments) {
    List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", script(), "fake"));
    all.addAll(List.of(arguments));
    return Command.of(all);
  }

  /**
   * Makes it a file that can be run: under the name of a real program, in a directory for PATH.
   *
   * @throws IOException if it cannot be written
   */
  public Path install(Path directory, String name) throws IOException {
    Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + script());
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String script() {
    return String.join("\n", steps) + "\n";
  }

  private FakeProgram step(String line) {
    List<String> longer = new ArrayList<>(steps);
    longer.add(line);
    return new FakeProgram(List.copyOf(longer));
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
