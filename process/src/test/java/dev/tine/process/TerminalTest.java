package dev.tine.process;

import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.shell;
import static dev.tine.process.Kit.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@link Terminal} and {@link Expect}; with the behaviours of pty4j's PtyTest. */
final class TerminalTest {

  @Test
  void shouldBeATerminal() throws Exception {
    try (Terminal terminal =
        shell("test -t 0 && test -t 1 && test -t 2 && tty >/dev/tty && stty size")
            .startOnTerminal(24, 80)) {
      assertThat(text(terminal.output().readUntilClose())).matches("/dev/pts/\\d+\r\n24 80\r\n");
      assertThat(get(terminal.subprocess().exit()).isSuccess()).isTrue();
    }
  }

  @Test
  void shouldEndWithTheProgram() {
    try (Terminal terminal = shell("printf bye").startOnTerminal(24, 80)) {
      assertThat(text(terminal.output().readUntilClose())).isEqualTo("bye");
    }
  }

  @Test
  void shouldEcho() throws Exception {
    try (Terminal terminal = Command.of("cat").startOnTerminal(24, 80)) {
      get(terminal.input().write("typed\n"));
      assertThat(text(terminal.output().readBytes(14))).isEqualTo("typed\r\ntyped\r\n");

      terminal.mode(Terminal.Mode.QUIET);
      get(terminal.input().write("secret\n"));
      assertThat(text(terminal.output().readBytes(8))).isEqualTo("secret\r\n");

      terminal.mode(Terminal.Mode.RAW);
      get(terminal.input().write("raw"));
      assertThat(text(terminal.output().readBytes(3))).isEqualTo("raw");

      terminal.mode(Terminal.Mode.COOKED);
      // The end of the input, at the beginning of a line; not at once: a read that began raw waits
      // for a byte.
      get(terminal.input().write("line\n\u0004"));
      assertThat(get(terminal.subprocess().exit()).isSuccess()).isTrue();
    }
  }

  @Test
  void shouldTellThePrograms() throws Exception {
    try (Terminal terminal =
        shell("trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done")
            .startOnTerminal(24, 80)) {
      terminal.expect().expect("ready");

      terminal.resize(50, 132);

      assertThat(text(terminal.output().readUntilClose())).contains("50 132");
    }
  }

  @Test
  void shouldInterruptTheForeground() throws Exception {
    try (Terminal terminal = shell("echo ready; exec sleep 1000").startOnTerminal(24, 80)) {
      terminal.expect().expect("ready");

      get(terminal.input().write("\u0003"));

      assertThat(get(terminal.subprocess().exit()).returnCode()).isEqualTo(-2);
    }
  }

  @Test
  void shouldHoldAConversation() throws Exception {
    try (Terminal terminal =
        shell("printf 'Name: '; read -r n; printf 'Äge: '; read -r a; echo \"$n is $a\"")
            .startOnTerminal(24, 80)) {
      Expect expect = terminal.expect().timeout(Duration.ofSeconds(60));

      expect.expect("Name: ");
      expect.sendLine("Eve");
      assertThat(expect.expect("Äge: ").before()).isEqualTo("Eve\r\n");
      expect.sendLine("42");
      Expect.Match match = expect.expectRegex("(\\w+) is (\\d+)");

      assertThat(match.groups()).containsExactly("Eve", "42");
      assertThat(expect.transcript()).isEqualTo("Name: Eve\r\nÄge: 42\r\nEve is 42");
    }
  }

  @Test
  void shouldTakeTheFirstOfSeveral() throws Exception {
    try (Terminal terminal = shell("echo 'login failed; try again'").startOnTerminal(24, 80)) {
      Expect.Match match =
          terminal
              .expect()
              .expectAny(
                  Pattern.compile("again"),
                  Pattern.compile("welcome"),
                  Pattern.compile("fail(ed)?"));

      assertThat(match.index()).isEqualTo(2);
      assertThat(match.text()).isEqualTo("failed");
    }
  }

  @Test
  void shouldSayWhatCameInstead() throws Exception {
    try (Terminal terminal = shell("echo something; read -r x").startOnTerminal(24, 80)) {
      Expect expect = terminal.expect().timeout(Duration.ofMillis(200));
      expect.expect("some");

      assertThatThrownBy(() -> expect.expect("else"))
          .isInstanceOf(ExpectException.class)
          .hasMessageMatching(
              "(?s)expected \"else\" from terminal of /bin/sh \\(pid \\d+\\): not within 200 ms\\."
                  + " So far it wrote:\n"
                  + "something\r\n");

      // Nothing is lost.
      assertThat(expect.expect("thing").before()).isEmpty();
      expect.sendLine("");
      assertThatThrownBy(() -> expect.expect("else"))
          .isInstanceOf(ExpectException.class)
          .hasMessageContaining("the output has ended");
    }
  }

  @Test
  void shouldConverseThroughPipes() throws Exception {
    try (Subprocess p = Command.of("cat").stdin(Stdio.STREAM).stdout(Stdio.STREAM).start()) {
      Expect expect = new Expect(p.stdout(), p.stdin());

      expect.sendLine("ping");

      assertThat(expect.expect("ping").index()).isZero();
    }
  }
}
