package dev.tine.examples.hello;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {
  @Test
  void shouldReadOneRequestAndLeaveTheNext() throws IOException {
    var in = new ByteArrayInputStream(bytes("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\nGET / "));

    Request request = Request.read(in);

    assertThat(request).isEqualTo(new Request("", "GET", "/a", true));
    assertThat(in.readAllBytes()).asString(ISO_8859_1).isEqualTo("GET / ");
  }

  @Test
  void shouldTakeTheUriOfAProxyRequest() throws IOException {
    assertThat(read("GET http://x:8080/a HTTP/1.1\r\nHost: x\r\n\r\n").path()).isEqualTo("/a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
      })
  void shouldCloseWhenNoOtherRequestCanFollow(String head) throws IOException {
    Request request = read(head);

    assertThat(request.error()).isEmpty();
    assertThat(request.keepAlive()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0016\u0003\u0001\r\n",
        "GET /\r\n",
        "GET  / HTTP/1.1\r\n",
        "GET / HTTP/2.0\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
      })
  void shouldRefuseWhatIsNoRequest(String head) throws IOException {
    assertThat(read(head)).isEqualTo(new Request("400 Bad Request", "", "", false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET /", "GET / HTTP/1.1\r\nHost: x\r\nX: "})
  void shouldRefuseAHeadThatIsTooLong(String start) throws IOException {
    assertThat(read(start + "a".repeat(8192)).error()).startsWith("431 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n"})
  void shouldFailWhenTheClientEndsTooEarly(String start) {
    assertThatThrownBy(() -> read(start)).isInstanceOf(EOFException.class);
  }

  private static Request read(String text) throws IOException {
    return Request.read(new ByteArrayInputStream(bytes(text)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
