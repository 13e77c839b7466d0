package dev.tine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.process.Result;
import dev.tine.process.Stdio;
import dev.tine.process.Subprocess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the pages tell people to type is understood. */
class ShellBlocksTest {
  /** Options that are another program's, in text about it. */
  private static final Set<String> OF_OTHERS =
      Set.of(
          "--option", // a placeholder
          "--enable-native-access",
          "--release", // javac
          "--graceful-timeout", // gunicorn, from here on
          "--max-requests",
          "--max-requests-jitter",
          "--pid",
          "--preload",
          "--reload",
          "--reuse-port",
          "--timeout");

  private final CommandLines lines = new CommandLines(Tree.ROOT);

  @Test
  void shouldBeUnderstoodByTheShellAndByOurOwnCommands() throws InterruptedException {
    List<String> wrong = new ArrayList<>();
    int own = 0;
    List<Block> blocks = Tree.blocks("sh", "console");
    for (Block block : blocks) {
      String script = block.script();
      Result syntax = Subprocess.of("bash", "-n").stdin(Stdio.text(script)).unchecked().run();
      if (!syntax.stderr().text().isEmpty() || script.isBlank()) {
        wrong.add(block + ": " + (script.isBlank() ? "nothing to type" : syntax.stderr().text()));
      }
      for (List<String> command : CommandLines.commands(script)) {
        own += CommandLines.isOwn(command) ? 1 : 0;
        lines.wrong(command).ifPresent(why -> wrong.add(block + ": " + command + ": " + why));
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(own).isGreaterThan(10);
  }

  @Test
  void shouldBeUnderstoodWithinSentences() {
    List<String> wrong = new ArrayList<>();
    int commands = 0;
    Set<String> options = options();
    for (Page page : Tree.pages()) {
      for (Page.Said span : page.spans()) {
        String where = page.path() + ":" + span.line() + ": ";
        if (span.text().matches("--[a-z].*")) {
          String option = span.text().split("[ =]", 2)[0];
          if (!options.contains(option)) {
            wrong.add(where + "no command has the option " + option);
          }
        } else if (span.text().matches("(\\./)?(tine|benchmarks/[a-z-]+|build/[a-z-]+) [^.]*")) {
          commands++;
          for (List<String> command : CommandLines.commands(sentence(span.text()))) {
            lines
                .wrong(command)
                .filter(why -> !why.startsWith("Missing required")) // it is only spoken of
                .ifPresent(why -> wrong.add(where + command + ": " + why));
          }
        }
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(commands).isGreaterThan(20);
  }

  @Test
  void shouldFindWhatIsWrong() {
    assertThat(wrongOf("tine run --worker 2 -- java -jar shop.jar")).isNotEmpty();
    assertThat(wrongOf("./tine run --workers 2 -- java -jar shop.jar & # comment")).isEmpty();
    assertThat(wrongOf("tine run --workers two -- java")).isNotEmpty();
    assertThat(wrongOf("true && tine relaod")).isNotEmpty();
    assertThat(wrongOf("tine status | tine stats")).isNotEmpty();
    assertThat(wrongOf("tine run \\\n  --no-such -- java")).isNotEmpty();
    assertThat(wrongOf("NAME=x tine restart")).isNotEmpty();
    assertThat(wrongOf("tine restart ID > file 2>&1")).isEmpty();
    assertThat(wrongOf("tine audit $(pgrep -f 'tine: worker')")).isEmpty();
    assertThat(wrongOf("tine audit $(pgrep -f 'tine: worker') --al")).isNotEmpty();
    assertThat(wrongOf("benchmarks/zero-loss --quickly")).isNotEmpty();
    assertThat(wrongOf("benchmarks/zero-loss --quick")).isEmpty();
    assertThat(wrongOf("benchmarks/no-such-thing")).isNotEmpty();
  }

  @Test
  void shouldTakeFromASessionOnlyWhatIsTyped() {
    var block =
        new Block(
            Path.of("page.md"),
            1,
            "console",
            "",
            List.of("$ tine run \\", "    -- java", "tine: booting name=shop", "$ tine stop"));

    assertThat(CommandLines.commands(block.script()))
        .containsExactly(List.of("tine", "run", "--", "java"), List.of("tine", "stop"));
  }

  private List<String> wrongOf(String script) {
    return CommandLines.commands(script).stream()
        .flatMap(command -> lines.wrong(command).stream())
        .toList();
  }

  /** {@code tine status [NAME] a|b ...} as a line that one could type. */
  private static String sentence(String text) {
    return text.replace("\\|", "|")
        .replaceAll("([\\w-]+)(\\|[\\w-]+)+", "$1")
        .replaceAll("[\\[\\]]|\\.\\.\\.|…", "");
  }

  private static Set<String> options() {
    Set<String> options = new TreeSet<>(OF_OTHERS);
    addOptions(CommandLines.tine(), options);
    return options;
  }

  private static void addOptions(CommandLine command, Set<String> options) {
    command.getCommandSpec().options().stream()
        .flatMap(option -> Stream.of(option.names()))
        .forEach(options::add);
    command.getSubcommands().values().forEach(each -> addOptions(each, options));
  }
}
