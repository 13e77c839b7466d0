package dev.tine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Every block of code in the pages is of a kind that something checks, or says why nothing does.
 */
class BlocksTest {
  /**
   * Java is {@link JavaBlocksTest}'s, the shell {@link ShellBlocksTest}'s; {@code text} is no code.
   */
  private static final Set<String> CHECKED =
      Set.of("java", "sh", "console", "json", "yaml", "xml", "ini", "text");

  /** So many say that they cannot be checked: one more is worth a thought. */
  private static final int UNCHECKED = 1;

  @Test
  void shouldBeOfAKindThatIsChecked() {
    List<String> wrong = new ArrayList<>();
    List<String> unchecked = new ArrayList<>();
    for (Page page : Tree.pages()) {
      for (Block block : page.blocks()) {
        Optional<String> why = block.unchecked();
        if (why.isPresent()) {
          unchecked.add(block + ": " + why.get());
        } else if (!CHECKED.contains(block.language())) {
          wrong.add(block + ": nothing checks the language '" + block.language() + "'");
        } else if (block.language().equals("text")
            && CommandLines.commands(block.text()).stream().anyMatch(BlocksTest::isTyped)) {
          wrong.add(block + ": commands, in a block of text");
        }
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(unchecked).hasSize(UNCHECKED).noneMatch(why -> why.endsWith(": "));
  }

  @Test
  void shouldParse() {
    List<String> wrong = new ArrayList<>();
    for (Block block : Tree.blocks("json", "yaml", "xml", "ini")) {
      error(block.language(), block.text()).ifPresent(why -> wrong.add(block + ": " + why));
    }

    assertThat(wrong).isEmpty();
  }

  @Test
  void shouldFindWhatDoesNotParse() {
    assertThat(error("json", "{\"a\": 1}")).isEmpty();
    assertThat(error("json", "{\"a\": }")).isPresent();
    assertThat(error("yaml", "a:\n  - b\n")).isEmpty();
    assertThat(error("yaml", "a: [b\n")).isPresent();
    assertThat(error("xml", "<a/>\n<b/>")).isEmpty();
    assertThat(error("xml", "<a>")).isPresent();
    assertThat(error("ini", "[Service]\n# comment\nType=notify\n")).isEmpty();
    assertThat(error("ini", "Type=notify\n")).isPresent();
  }

  @Test
  void shouldReadAPage() {
    Page page =
        Page.parse(
            Path.of("page.md"),
            List.of(
                "# A `b`, c",
                "[x](y.md#z) and `tine stop`",
                "<!-- fragment: int i -->",
                "```java",
                "[no](link.md)",
                "```",
                "# A `b`, c"));

    assertThat(page.anchors()).containsExactly("a-b-c", "a-b-c-1");
    assertThat(page.links()).containsExactly(new Page.Said("y.md#z", 2));
    assertThat(page.spans()).contains(new Page.Said("tine stop", 2));
    assertThat(page.blocks())
        .singleElement()
        .satisfies(block -> {
          assertThat(block.fragment()).contains("int i");
          assertThat(block.toString()).isEqualTo("page.md:4");
        });
  }

  private static boolean isTyped(List<String> command) {
    return command.getFirst().equals("$") || CommandLines.isOwn(command);
  }

  private static Optional<String> error(String language, String text) {
    try {
      switch (language) {
        case "json" -> parseJson(text);
        case "yaml" -> new Yaml().loadAll(text).forEach(document -> {});
        case "xml" -> parseXml("<blocks>" + text + "</blocks>"); // parts of a file are many
        default -> parseUnit(text);
      }
      return Optional.empty();
    } catch (IOException | SAXException | YAMLException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static void parseJson(String text) throws IOException {
    try (JsonParser json = new JsonFactory().createParser(text)) {
      while (json.nextToken() != null) {}
    }
  }

  private static void parseXml(String text) throws IOException, SAXException {
    try {
      var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
      builder.setErrorHandler(null);
      builder.parse(new InputSource(new StringReader(text)));
    } catch (ParserConfigurationException e) {
      throw new AssertionError(e);
    }
  }

  /** As systemd reads it: sections, and lines with a name and a value. */
  private static void parseUnit(String text) throws IOException {
    boolean inSection = false;
    for (String line : text.lines().toList()) {
      if (line.matches("\\[\\w+\\]")) {
        inSection = true;
      } else if (!line.isBlank()
          && !line.matches("[#;].*")
          && !(inSection && line.matches("\\w+=.*"))) {
        throw new IOException("no line of a unit file: " + line);
      }
    }
  }
}
