package dev.tine.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive as its users have it: unpacked, and nothing else of the build. */
final class ArchiveTest {
  @TempDir private Path folder;

  private Installed installed;

  @BeforeEach
  void unpack() throws IOException, InterruptedException {
    installed = Installed.in(folder);
  }

  @Test
  void shouldServeFromTheUnpackedFolderAndLeaveNothingButTheCache() throws Exception {
    List<Path> unpacked = Installed.files(installed.root());
    Path documents = Files.createDirectories(folder.resolve("documents"));
    Files.writeString(documents.resolve("greeting.txt"), "hello");
    Path link = Files.createSymbolicLink(folder.resolve("tine"), installed.launcher());

    Installed.Ended version = installed.tineAt(link, "--version");
    assertThat(version.output()).containsPattern("(?m)^tine \\d+\\.\\d+");
    assertThat(version.exitCode()).isZero();
    assertThat(installed.tine("--help").output()).contains("Usage: tine");
    assertThat(Installed.files(installed.home().resolve(".cache/tine")))
        .as("the cache of classes, made by the first command")
        .anyMatch(file -> file.toString().endsWith(".aot"));

    serve(link, documents);

    assertThat(Installed.files(installed.root())).hasSameElementsAs(unpacked);
    assertThat(Installed.files(installed.home()))
        .allMatch(file -> file.startsWith(installed.home().resolve(".cache/tine")));
    assertThat(Installed.files(folder.resolve("TMPDIR"))).isEmpty();
    assertThat(Installed.files(folder.resolve("XDG_RUNTIME_DIR"))).isEmpty();
  }

  private void serve(Path launcher, Path documents) throws Exception {
    int port = freePort();
    Path log = folder.resolve("server.txt");
    Process monitor =
        installed.start(
            launcher,
            log,
            "run",
            "--name",
            "installed",
            "--workers",
            "2",
            "--",
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-Xmx32m",
            "--module",
            "jdk.httpserver",
            "--bind-address",
            "127.0.0.1",
            "--port",
            Integer.toString(port),
            "--directory",
            documents.toString());
    try (HttpClient client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/greeting.txt"));
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptionsInstanceOf(IOException.class)
          .failFast(() -> assertThat(monitor.isAlive()).as(() -> read(log)).isTrue())
          .untilAsserted(() ->
              assertThat(client.send(request.build(), BodyHandlers.ofString()).body())
                  .isEqualTo("hello"));
      assertThat(installed.tine("stop", "installed").exitCode()).isZero();
      assertThat(monitor.waitFor(60, TimeUnit.SECONDS)).as(() -> read(log)).isTrue();
    } finally {
      monitor.destroy(); // a monitor ends its workers
      monitor.waitFor();
    }
  }

  @Test
  void shouldStartWithoutASearchPathAndAPlaceForTheCache() throws Exception {
    // A file, because permissions do not stop a user who is root.
    Path noFolder = Files.createFile(folder.resolve("file"));

    Installed.Ended version =
        installed.with("HOME", noFolder.toString()).with("PATH", "").tine("--version");

    assertThat(version.output()).startsWith("tine ");
    assertThat(version.exitCode()).isZero();
  }

  @Test
  void shouldSayWhereItLookedForAJdk() throws Exception {
    // Of /usr/bin not all: a javac may be there.
    Path tools = Files.createDirectories(folder.resolve("tools"));
    for (String tool : List.of("cat", "dirname", "readlink", "sed")) {
      Files.createSymbolicLink(tools.resolve(tool), Path.of("/usr/bin", tool));
    }

    Installed.Ended version =
        installed
            .with("PATH", tools.toString())
            .with("JAVA25_HOME", "")
            .with("JAVA_HOME", "/nowhere")
            .with("TINE_JDK_DIRECTORIES", "")
            .tine("--version");

    assertThat(version.exitCode()).isEqualTo(1);
    assertThat(version.output())
        .contains("Tine needs JDK 25, and found none")
        .contains("/nowhere")
        .contains(installed.home() + "/.m2/toolchains.xml")
        .contains("export JAVA25_HOME=");
  }

  @Test
  void shouldHaveAPageThatManRendersWithoutWarnings() throws Exception {
    Path page = installed.root().resolve("share/man/man1/tine.1");

    Installed.Ended man = run("groff", "-man", "-Tutf8", "-ww", "-z", page.toString());

    assertThat(man.output()).isEmpty();
    assertThat(man.exitCode()).isZero();
  }

  @Test
  void shouldCompleteCommandsAndOptionsInBash() throws Exception {
    Path completion = installed.root().resolve("share/bash-completion/completions/tine");
    String script =
        """
        source "$1"
        complete -p tine || exit 1
        COMP_WORDS=(tine rel) COMP_CWORD=1 COMP_LINE='tine rel' COMP_POINT=8
        _complete_tine
        printf '<%s>' "${COMPREPLY[@]}"
        COMP_WORDS=(tine run --work) COMP_CWORD=2 COMP_LINE='tine run --work' COMP_POINT=15
        _complete_tine
        printf '<%s>' "${COMPREPLY[@]}"
        """;

    Installed.Ended bash = run("bash", "-c", script, "bash", completion.toString());

    assertThat(bash.output()).contains("<reload>").contains("<--workers>");
    assertThat(bash.exitCode()).isZero();
  }

  @Test
  void shouldNameTheLibrariesOfOthersAndTheirLicences() throws IOException {
    String notice = Files.readString(installed.root().resolve("NOTICE"));

    assertThat(libraries())
        .contains("tine-cli", "tine-sys", "picocli")
        .filteredOn(name -> !name.startsWith("tine-"))
        .allSatisfy(name -> assertThat(notice).contains("lib/" + name + "-*.jar"));
    assertThat(installed.root().resolve("LICENSE")).isRegularFile();
    assertThat(installed.root().resolve("docs/RUN.md")).isRegularFile();
  }

  @Test
  void shouldHaveWhatItsPagesLinkTo() throws IOException {
    Pattern link = Pattern.compile("\\]\\(([^()\\s#]+)(#[^()\\s]*)?\\)");
    List<Path> pages =
        Installed.files(installed.root()).stream()
            .filter(file -> file.toString().endsWith(".md"))
            .toList();
    List<String> targets = new ArrayList<>();
    List<String> broken = new ArrayList<>();

    for (Path page : pages) {
      for (MatchResult found : link.matcher(Files.readString(page)).results().toList()) {
        String target = found.group(1);
        if (!target.matches("[a-z]+:.*")) {
          targets.add(target);
          if (!Files.exists(page.resolveSibling(target))) {
            broken.add(installed.root().relativize(page) + ": " + target);
          }
        }
      }
    }

    assertThat(broken).isEmpty();
    assertThat(targets).contains("../examples/deploy/tine.service").hasSizeGreaterThan(50);
    assertThat(Files.readString(installed.root().resolve("README.md")))
        .as("which the documents link to")
        .contains("\n## Install\n");
  }

  @Test
  void shouldListAllItsParts() throws IOException {
    Path list = installed.root().resolve("sbom.json");
    assumeThat(list).as("the list, which is made by a build that is online").exists();
    String parts = Files.readString(list);

    assertThat(libraries())
        .allSatisfy(name -> assertThat(parts).contains("\"name\" : \"" + name + "\""));
  }

  private List<String> libraries() throws IOException {
    try (Stream<Path> jars = Files.list(installed.root().resolve("lib"))) {
      return jars.map(jar -> jar.getFileName().toString().replaceFirst("-\\d.*", "")).toList();
    }
  }

  private static Installed.Ended run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Installed.Ended(process.waitFor(), output);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
