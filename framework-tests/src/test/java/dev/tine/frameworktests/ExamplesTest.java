package dev.tine.frameworktests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the documents show is what {@link Examples} compiles. */
class ExamplesTest {
  private static final Path ROOT = Path.of(Objects.requireNonNull(System.getProperty("tine.root")));

  @Test
  void shouldShowWhatCompiles() throws IOException {
    String document = Files.readString(ROOT.resolve("docs/FRAMEWORKS.md"));
    String compiled =
        withoutLayout(
            Files.readString(
                ROOT.resolve(
                    "framework-tests/src/test/java/dev/tine/frameworktests/Examples.java")));

    List<String> examples =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(document)
            .results()
            .map(example -> withoutLayout(example.group(1)))
            .toList();

    assertThat(examples).hasSize(2);
    assertThat(examples).allSatisfy(example -> assertThat(compiled).contains(example));
  }

  private static String withoutLayout(String text) {
    return text.replaceAll("\\s+", "");
  }
}
