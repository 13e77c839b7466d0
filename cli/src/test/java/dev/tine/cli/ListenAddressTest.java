package dev.tine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ListenAddressTest {
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8080, 127.0.0.1, 8080",
    "localhost:0,    localhost, 0",
    "[::1]:65535,    [::1],     65535",
  })
  void shouldReadHostAndPort(String text, String host, int port) {
    assertThat(ListenAddress.parse(text)).isEqualTo(new ListenAddress(host, port));
  }

  @Test
  void shouldPrintAsItIsRead() {
    assertThat(ListenAddress.parse("[::1]:80")).hasToString("[::1]:80");
  }

  @ParameterizedTest
  @CsvSource({
    "8080,            HOST:PORT",
    ":8080,           HOST:PORT",
    "localhost:,      HOST:PORT",
    "localhost:http,  number from 0",
    "localhost:65536, number from 0",
    "localhost:-1,    number from 0",
    "::1:8080,        brackets",
  })
  void shouldSayWhatIsWrong(String text, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ListenAddress.parse(text))
        .withMessageContainingAll("'" + text + "'", reason);
  }
}
