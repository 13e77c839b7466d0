package dev.tine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ManPageTest {
  private final String page = ManPage.of(Tine.commandLine(), "tine 1.2.3");

  @Test
  void shouldHaveAnEntryForEachCommandThatHelpLists() {
    assertThat(page)
        .contains(".SS \"tine run\"\n", ".SS \"tine status\"\n", ".SS \"tine audit\"\n")
        .doesNotContain("tine train", "tine describe");
  }

  @Test
  void shouldExplainOptionsWithTheirDefaults() {
    assertThat(page)
        .contains("\\fB\\-\\-listen=HOST:PORT\\fR\nAddress to serve on (default: 127.0.0.1:8080)")
        .contains("Number of worker processes, 1 to 1024 (default: 2).");
  }

  @Test
  void shouldLeaveNoFormatOrMarkupOfPicocli() {
    assertThat(page).doesNotContain("%n", "@|", "${");
  }

  @Test
  void shouldNotLetTextBecomeARequest() {
    String text = new Roff("x", "y").paragraph(".so /etc/passwd").paragraph("a\\b-c").text();

    assertThat(text).contains("\n\\&.so /etc/passwd\n").contains("\na\\eb\\-c\n");
  }
}
