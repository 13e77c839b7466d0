package dev.tine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ScreenTest {
  @Test
  void shouldRedrawInPlaceAndLeaveNothing() {
    var text = new StringWriter();
    try (var screen = Screen.open(new PrintWriter(text))) {
      screen.show("a\nb");
    }
    assertThat(text)
        .hasToString(
            "\033[?1049h\033[?25l\033[?7l" // another screen, no cursor, long lines are cut
                + "\033[Ha\033[K\nb\033[K\033[J"
                + "\033[?7h\033[?25h\033[?1049l");
  }
}
