package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {
  @ParameterizedTest
  @MethodSource("requests")
  void shouldReadWhatItWrites(Request request) {
    assertThat(Request.parse(request.toJson())).isEqualTo(request);
  }

  static Stream<Request> requests() {
    return Stream.of(
        new Request.GetStatus(),
        new Request.GetLogs(),
        new Request.Restart(0),
        new Request.Scale(1024),
        new Request.Stop());
  }

  @Test
  void shouldWriteOneLine() {
    assertThat(new Request.Scale(3).toJson())
        .isEqualTo("{\"version\":1,\"command\":\"scale\",\"count\":3}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "status",
        "null",
        "[]",
        "{",
        "{}",
        "{\"version\":1}",
        "{\"version\":2,\"command\":\"status\"}",
        "{\"version\":\"1\",\"command\":\"status\"}",
        "{\"command\":\"status\"}",
        "{\"version\":1,\"command\":\"status\",\"command\":\"stop\"}",
        "{\"version\":1,\"command\":\"status\"} {}",
        "{\"version\":1,\"command\":\"status\",\"more\":1}",
        "{\"version\":1,\"command\":\"explode\"}",
        "{\"version\":1,\"command\":[\"stop\"]}",
        "{\"version\":1,\"command\":\"scale\"}",
        "{\"version\":1,\"command\":\"scale\",\"count\":0}",
        "{\"version\":1,\"command\":\"scale\",\"count\":1025}",
        "{\"version\":1,\"command\":\"scale\",\"count\":1.5}",
        "{\"version\":1,\"command\":\"scale\",\"count\":99999999999999999999}",
        "{\"version\":1,\"command\":\"scale\",\"count\":{\"a\":1}}",
        "{\"version\":1,\"command\":\"restart\",\"id\":-1}"
      })
  void shouldRefuseAnythingElse(String line) {
    assertThatThrownBy(() -> Request.parse(line)).isInstanceOf(IllegalArgumentException.class);
  }
}
