package dev.tine.fork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SignalTest {
  @Test
  void shouldBeCalledAsTheKernelCallsIt() {
    assertThat(Signal.KILL).hasToString("SIGKILL");
    assertThat(new Signal(35)).hasToString("signal 35");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 65})
  void shouldRefuseWhatIsNoSignal(int number) {
    assertThatThrownBy(() -> new Signal(number))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Integer.toString(number));
  }

  @Test
  void shouldCallOnlyExitCodeZeroASuccess() {
    assertThat(new ExitStatus.Exited(0).isSuccess()).isTrue();
    assertThat(new ExitStatus.Exited(1).isSuccess()).isFalse();
    assertThat(new ExitStatus.Signaled(Signal.TERM, false).isSuccess()).isFalse();
    assertThat(new ExitStatus.Unknown("?").isSuccess()).isFalse();
  }
}
