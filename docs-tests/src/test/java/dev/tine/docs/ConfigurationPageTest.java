package dev.tine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The page of options is the one that the code makes. */
class ConfigurationPageTest {
  @Test
  void shouldBeCurrent() throws IOException {
    assertThat(Files.readString(Tree.ROOT.resolve(ConfigurationPage.PATH)))
        .as("to renew it: build/docs configuration")
        .isEqualTo(ConfigurationPage.text());
  }

  @Test
  void shouldKnowEverySettingThatTheCodeReads() throws IOException {
    var described = new TreeSet<String>();
    for (Settings.Setting setting : Settings.ALL) {
      if (setting.name().startsWith("TINE_") || setting.name().contains("tine.")) {
        described.add(setting.name());
      }
    }

    assertThat(described).isEqualTo(Settings.inCode(Tree.ROOT));
  }
}
