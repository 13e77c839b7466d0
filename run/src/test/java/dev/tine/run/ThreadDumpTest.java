package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ThreadDumpTest {
  @Test
  void shouldKnowWhoDiesOfSigquit() {
    assertThat(ThreadDump.isCaught("SigIgn:\t0000000000000004\nSigCgt:\t2000000181005ccf\n"))
        .isTrue();
    assertThat(ThreadDump.isCaught("SigCgt:\t2000000181005ccb\n")).isFalse();
    assertThat(ThreadDump.isCaught("")).isFalse();
  }

  @Test
  void shouldNotAskAProcessThatHasEnded() {
    assertThatThrownBy(() -> ThreadDump.of(-1, () -> {}, 1000)).isInstanceOf(IOException.class);
  }
}
