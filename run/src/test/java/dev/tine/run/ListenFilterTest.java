package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tine.sys.SocketAddressBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenFilterTest {
  @ParameterizedTest
  @CsvSource({
    "8080, '', 8080, ''",
    ":8080, '', 8080, ''",
    "127.0.0.1:80, 127.0.0.1, 80, ''",
    "[::1]:80, ::1, 80, ''",
    "/run/shop.sock, '', 0, /run/shop.sock"
  })
  void shouldReadAddresses(String text, String host, int port, String path) {
    assertThat(ListenFilter.parse(text)).isEqualTo(new ListenFilter(host, port, path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "shop", "0", "65536", "-1", "127.0.0.1", "127.0.0.1:", "1:x"})
  void shouldRefuseAnythingElse(String text) {
    assertThatThrownBy(() -> ListenFilter.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not PORT, HOST:PORT or the path of a UNIX socket");
  }

  @Test
  void shouldMatchAPathExactly() {
    SocketAddressBytes address = SocketAddressBytes.ofPath("/run/shop.sock");
    assertThat(ListenFilter.parse("/run/shop.sock").matches(address)).isTrue();
    assertThat(ListenFilter.parse("/run/shop").matches(address)).isFalse();
    assertThat(ListenFilter.parse("80").matches(address)).isFalse();
  }
}
