package dev.tine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class WordsTest {
  @Test
  void shouldSplitAsAShellDoes() {
    assertThat(Words.of("  notify --to ops\t")).containsExactly("notify", "--to", "ops");
    assertThat(Words.of("sh -c 'echo \"$TINE_EVENT\" \\n'"))
        .containsExactly("sh", "-c", "echo \"$TINE_EVENT\" \\n");
    assertThat(Words.of("a\"b c\"d '' \"\\\"\" e\\ f"))
        .isEqualTo(List.of("ab cd", "", "\"", "e f"));
    assertThat(Words.of(" ")).isEmpty();
  }

  @Test
  void shouldRefuseAnOpenQuote() {
    assertThatIllegalArgumentException().isThrownBy(() -> Words.of("sh -c 'x"));
  }
}
