package dev.tine.process;

import static dev.tine.process.Kit.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a program begins with: the Linux behaviours of the JDK's
 * test/jdk/java/lang/ProcessBuilder/Basic.java that are not about streams, and the checks of
 * NuProcess's RunTest.
 */
final class CommandTest {
  @TempDir Path directory;

  @Test
  void shouldBeAValue() {
    Command plain = Command.of("echo", "a");
    Command changed = plain.environment("A", "b").umask(022).nice(3);

    assertThat(plain.environment.isInherited()).isTrue();
    assertThat(changed.environment.entries())
        .map(entry -> new String(entry, StandardCharsets.UTF_8))
        .contains("A=b");
    assertThat(plain).hasToString("echo a");
  }

  @Test
  void shouldAddReplaceAndRemoveVariables() throws Exception {
    Command env = Command.of("/usr/bin/env");
    List<String> inherited = env.run().stdout().lines();

    assertThat(env.environment("TINE_NEW", "x=y é").run().stdout().lines())
        .containsAll(inherited)
        .contains("TINE_NEW=x=y é")
        .hasSize(inherited.size() + 1);
    assertThat(env.environment(Map.of("PATH", "/here")).run().stdout().lines())
        .contains("PATH=/here")
        .hasSize(inherited.size());
    assertThat(env.withoutEnvironment("PATH").run().stdout().lines())
        .noneMatch(line -> line.startsWith("PATH="))
        .hasSize(inherited.size() - 1);
    assertThat(env.environment("A", "1").emptyEnvironment().environment("B", "2").run().text())
        .isEqualTo("B=2\n");
    assertThat(env.emptyEnvironment().run().text()).isEmpty();
  }

  @Test
  void shouldRefuseWhatNoProgramCanBeGiven() {
    Command c = Command.of("true");

    assertIllegal(() -> Command.of(), "no program to run");
    assertIllegal(() -> Command.of(""), "the program's name is empty");
    assertIllegal(() -> Command.of("true", "a\0b"), "argument 1 has a NUL character");
    assertIllegal(() -> Command.of("tr\0ue"), "the program's name has a NUL character");
    assertIllegal(() -> Command.of("true", "x".repeat(131_072)), "has 131072 bytes");
    assertIllegal(() -> c.environment("", "x"), "not the name of a variable");
    assertIllegal(() -> c.environment("A=B", "x"), "not the name of a variable: \"A=B\"");
    assertIllegal(() -> c.environment("A\0", "x"), "not the name of a variable");
    assertIllegal(() -> c.environment("A", "x\0"), "the value of A has a NUL character");
    assertIllegal(() -> c.stdin(Stdio.to(directory)), "stdin cannot be");
    assertIllegal(() -> c.stdin(Stdio.STDOUT), "stdin cannot be STDOUT");
    assertIllegal(() -> c.stdout(Stdio.from(directory)), "stdout cannot be");
    assertIllegal(() -> c.stdout(Stdio.STDOUT), "stdout cannot go where stdout goes");
    assertIllegal(() -> c.stderr(Stdio.text("x")), "stderr cannot be");
    assertIllegal(() -> c.descriptor(2, Stdio.DISCARD), "descriptor 2 is set by");
    assertIllegal(() -> c.descriptor(3, Stdio.STREAM), "descriptor 3 cannot be STREAM");
    assertIllegal(() -> c.umask(01000), "not a umask: 01000");
    assertIllegal(() -> c.nice(20), "not a nice value: 20");
  }

  @Test
  void shouldPassOddArgumentsUnchanged() throws Exception {
    String[] odd = {"", " ", "a b", "'", "\"", "\\", "$HOME", "*", "é", "日本", "\n", "-n"};
    String[] all = new String[odd.length + 1];
    System.arraycopy(odd, 0, all, 1, odd.length);
    all[0] = "x";

    assertThat(shell("printf '%s|' \"$@\"", all).run().text())
        .isEqualTo("x|" + String.join("|", odd) + "|");
  }

  @Test
  void shouldNameWhatCouldNotBeStarted() throws Exception {
    assertSpawnFails(Command.of("/no/such program"), SpawnException.Phase.EXEC, 2)
        .hasMessage(
            "cannot start \"/no/such program\": could not run it: /no/such program: No such file or"
                + " directory");
    assertSpawnFails(Command.of("no-such-program"), SpawnException.Phase.RESOLVE, 2)
        .hasMessageContaining("no directory of its PATH has it");
    assertSpawnFails(Command.of(directory.toString()), SpawnException.Phase.EXEC, 13)
        .hasMessageContaining("Permission denied");
    assertSpawnFails(
            Command.of("true").directory(Path.of("/no/dir")), SpawnException.Phase.DIRECTORY, 2)
        .hasMessageContaining("in directory \"/no/dir\": No such file");
    assertSpawnFails(
            Command.of("true").stdin(Stdio.from(Path.of("/no/in"))),
            SpawnException.Phase.STREAMS,
            2)
        .hasMessageContaining("/no/in: No such file");
    assertSpawnFails(
            Command.of("true").descriptor(3, Stdio.descriptor(987_654)),
            SpawnException.Phase.DESCRIPTORS,
            9)
        .hasMessageContaining("descriptor 3: Bad file descriptor");
    assertSpawnFails(Command.of("true").limit(Resource.CPU, 5, 4), SpawnException.Phase.LIMITS, 22)
        .hasMessageContaining("CPU: Invalid argument");
  }

  @Test
  void shouldTellOfAMissingInterpreter() throws Exception {
    Path script = Files.writeString(directory.resolve("script"), "#!/no/interpreter\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();

    assertSpawnFails(Command.of(script.toString()), SpawnException.Phase.EXEC, 2)
        .hasMessageContaining("its interpreter");
  }

  @Test
  void shouldTellACodeOf127FromAFailedStart() throws Exception {
    assertThat(shell("exit 127").unchecked().run().status().returnCode()).isEqualTo(127);
  }

  @Test
  void shouldUseThePathOfTheEnvironmentItWillHave() throws Exception {
    Path tool = Files.writeString(directory.resolve("tine-tool"), "#!/bin/sh\necho found\n");
    assertThat(tool.toFile().setExecutable(true)).isTrue();

    assertThat(Command.of("tine-tool").environment("PATH", directory.toString()).run().text())
        .isEqualTo("found\n");
    assertThat(Command.of("sh", "-c", "echo default").withoutEnvironment("PATH").run().text())
        .isEqualTo("default\n");
  }

  @Test
  void shouldWorkInADirectory() throws Exception {
    for (String path : List.of("/", "/bin", ".", "..")) {
      assertThat(Command.of("pwd", "-P").directory(Path.of(path)).run().text().strip())
          .isEqualTo(Path.of(path).toRealPath().toString());
    }
  }

  @Test
  void shouldSetLimitsUmaskAndNice() throws Exception {
    assertThat(
            shell("umask; nice; ulimit -Sn; ulimit -Hn; ulimit -c")
                .umask(077)
                .nice(5)
                .limit(Resource.DESCRIPTORS, 64, 128)
                .limit(Resource.CORE, 0)
                .run()
                .text())
        .isEqualTo("0077\n5\n64\n128\n0\n");
  }

  @Test
  void shouldStartFromAVirtualThread() throws Exception {
    String[] text = new String[1];
    Thread.ofVirtual()
        .start(() -> {
          try {
            text[0] = Command.of("echo", "virtual").run().text();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        })
        .join();

    assertThat(text[0]).isEqualTo("virtual\n");
  }

  private static void assertIllegal(Runnable code, String message) {
    assertThatThrownBy(code::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertSpawnFails(
      Command command, SpawnException.Phase phase, int errno) {
    return assertThatThrownBy(command::start)
        .isInstanceOfSatisfying(
            SpawnException.class,
            e -> {
              assertThat(e.phase()).isEqualTo(phase);
              assertThat(e.errno()).isEqualTo(errno);
            });
  }
}
