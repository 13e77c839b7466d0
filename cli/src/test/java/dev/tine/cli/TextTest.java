package dev.tine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TextTest {
  @Test
  void shouldCutInTheMiddle() {
    assertThat(Text.cut("/srv/shop/lib/catalogue.jar", 27))
        .isEqualTo("/srv/shop/lib/catalogue.jar");
    assertThat(Text.cut("/srv/shop/lib/catalogue.jar", 19))
        .isEqualTo("/srv/s…atalogue.jar")
        .hasSize(19);
  }

  @Test
  void shouldWrapAtBlanks() {
    assertThat(Text.wrap("one two three", 7)).containsExactly("one two", "three");
    assertThat(Text.wrap("incomprehensible", 5)).containsExactly("incomprehensible");
  }

  @Test
  void shouldShowNoControlCharacters() {
    assertThat(Text.printable("a\u001b[31m\nb")).isEqualTo("a?[31m?b");
  }

  @Test
  void shouldQuoteForJson() {
    assertThat(Json.quote("say \"\\\"\n\t\r\u0001"))
        .isEqualTo("\"say \\\"\\\\\\\"\\n\\t\\r\\u0001\"");
    assertThat(Json.quote("ä\ud83d\ude00\udc00")).isEqualTo("\"\\u00e4\\ud83d\\ude00\\udc00\"");
  }
}
