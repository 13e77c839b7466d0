package dev.tine.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineBufferTest {
  private final LineBuffer buffer = new LineBuffer();
  private final List<String> lines = new ArrayList<>();

  @Test
  void shouldJoinPieces() {
    add("one\ntw");
    add("o\n");
    add("\nthree");
    assertThat(lines).containsExactly("one", "two", "");
    buffer.end(this::line);
    assertThat(lines).containsExactly("one", "two", "", "three");
  }

  @Test
  void shouldGiveNoLineOfNothing() {
    add("one\n");
    buffer.end(this::line);
    buffer.end(this::line);
    assertThat(lines).containsExactly("one");
  }

  @Test
  void shouldTakeOffCarriageReturns() {
    add("one\r\ntwo\r");
    add("\n\r\n");
    assertThat(lines).containsExactly("one", "two", "");
  }

  @Test
  void shouldCutALineThatDoesNotEnd() {
    String half = "x".repeat(LineBuffer.LIMIT / 2);
    add(half);
    add(half);
    add("yz\n");
    assertThat(lines).containsExactly(half + half, "yz");
  }

  private void add(String text) {
    buffer.add(text.getBytes(UTF_8), this::line);
  }

  private void line(byte[] line) {
    lines.add(new String(line, UTF_8));
  }
}
