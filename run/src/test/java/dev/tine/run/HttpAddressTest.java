package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpAddressTest {
  @ParameterizedTest
  @CsvSource({
    "9090, 127.0.0.1:9090",
    "0.0.0.0:80, 0.0.0.0:80",
    "[::1]:0, [::1]:0",
    "localhost:9, localhost:9"
  })
  void shouldReadAddresses(String text, String address) {
    assertThat(HttpAddress.parse(text)).hasToString(address);
    assertThat(HttpAddress.parse(text).resolve().getPort())
        .isEqualTo(HttpAddress.parse(text).port());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "host.example:80", "127.0.0.1:", "127.0.0.1:70000", ":80", "-1"})
  void shouldRefuseOthers(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HttpAddress.parse(text))
        .withMessageContaining("127.0.0.1:9090");
  }

  @Test
  void shouldBeOfTheLoopbackDeviceByDefault() {
    assertThat(HttpAddress.parse("9090").resolve().getAddress().isLoopbackAddress()).isTrue();
  }
}
