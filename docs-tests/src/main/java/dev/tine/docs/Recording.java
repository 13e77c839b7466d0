package dev.tine.docs;

import dev.tine.process.Expect;
import dev.tine.process.Subprocess;
import dev.tine.process.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A session with the {@code tine} command: real programs, started by a real shell on a real
 * terminal. What came is kept as text and as a picture.
 */
public final class Recording implements AutoCloseable {
  private static final int COLUMNS = 104;
  private static final int ROWS = 50;

  /** What the shell says when it waits for a command, and no screen shows. */
  private static final String READY = "\001";

  private final Terminal terminal;
  private final Expect shell;
  private final Screen screen = new Screen(COLUMNS);
  private int shown;

  private Recording(Path root, Path directory) {
    terminal =
        Subprocess.of("bash", "--noprofile", "--norc", "--noediting", "-i")
            .directory(directory)
            .environment("PS1", READY)
            .environment("PS2", "")
            .environment("TERM", "xterm")
            .environment(
                "PATH", root + ":" + System.getProperty("java.home") + "/bin:/usr/bin:/bin")
            .environment("XDG_RUNTIME_DIR", directory.toString())
            .dieWithParent()
            .startOnTerminal(ROWS, COLUMNS);
    terminal.mode(
        Terminal.Mode.QUIET); // what is typed is shown by type(): with the prompt, in its place
    shell = terminal.expect().timeout(Duration.ofMinutes(2));
  }

  /** Records one, with the programs of the tree at {@code arguments[0]}. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path root = Path.of(arguments[0]);
    Path directory = Files.createTempDirectory("tine");
    Files.createSymbolicLink(
        directory.resolve("shop.jar"),
        root.resolve("examples/spring-boot-shop/target/spring-boot-shop.jar"));
    try (var recording = new Recording(root, directory)) {
      recording.play();
      recording.write(root.resolve("docs"));
    } finally {
      delete(directory);
    }
  }

  private void play() throws InterruptedException {
    shell.expect(READY);
    shown = shell.transcript().length();
    type(
        "tine run --workers 2 --ready-path /health --probation 2s -- java -Xmx128m -jar shop.jar"
            + " >shop.log &");
    await("tine: serving workers=2");
    type("for i in 1 2 3 4; do curl localhost:8080/; sleep 0.4; done");
    type("kill -9 " + pidOf(0));
    await("tine: worker id=0 pid=[0-9]+ gen=1");
    type("tine reload 2>/dev/null && tine status");
    type("curl localhost:8080/");
    type("tine stop");
  }

  /** Types a command, and waits until the shell wants another. */
  private void type(String command) throws InterruptedException {
    screen.print("\033[32m$\033[0m \033[1m%s\033[0m\n".formatted(command));
    shell.sendLine(command);
    shell.expect(READY);
    show();
  }

  /** Waits for a line that a program in the background writes. */
  private void await(String pattern) throws InterruptedException {
    shell.expectRegex("(" + pattern + ")[^\n]*\n");
    show();
  }

  private void show() {
    String transcript = shell.transcript();
    screen.print(transcript.substring(shown));
    shown = transcript.length();
  }

  /** The pid that was last told for a worker. */
  private String pidOf(int id) {
    Matcher worker =
        Pattern.compile("worker id=" + id + " pid=([0-9]+)").matcher(shell.transcript());
    String pid = "";
    while (worker.find()) {
      pid = worker.group(1);
    }
    return pid;
  }

  private void write(Path docs) throws IOException {
    Files.writeString(docs.resolve("session.txt"), String.join("\n", screen.text()).strip() + "\n");
    Files.writeString(
        docs.resolve("session.svg"), Svg.draw(screen, COLUMNS, "A session with tine"));
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  @Override
  public void close() {
    terminal.close();
  }
}
