package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By a server that sends what the test says, whatever it is asked. */
@Timeout(30)
class HttpConnectionTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String KEPT = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String CHUNKED =
      """
      HTTP/1.1 200 OK\r
      Transfer-Encoding: chunked\r
      \r
      2\r
      ok\r
      A;x=y\r
      0123456789\r
      0\r
      \r
      """;

  private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
  private ServerSocket listener;

  HttpConnectionTest() throws IOException {
    listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    listener.close();
  }

  @Test
  void shouldSendWhatItIsTold() throws Exception {
    answer(KEPT);
    try (var connection = open()) {
      assertThat(connection.get("/a?b=c", "Accept: x/y\r\n")).isEqualTo(200);
    }
    assertThat(requests.take())
        .isEqualTo("GET /a?b=c HTTP/1.1|Host: 127.0.0.1:" + port() + "|Accept: x/y");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        KEPT,
        "HTTP/1.1 200 OK\r\ncontent-length:2  \r\n\r\nok",
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
        "HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
        CHUNKED,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n",
      })
  void shouldReadAnAnswerToItsEnd(String first) throws Exception {
    answer(first, "HTTP/1.1 418 Teapot\r\nContent-Length: 3\r\n\r\ntea");
    try (var connection = open()) {
      assertThat(connection.get("/", "")).isBetween(200, 399);
      assertThat(connection.isKept()).isTrue();
      assertThat(connection.get("/", "")).as("the answer to the second").isEqualTo(418);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: Close\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\n\r\nuntil the end",
      })
  void shouldTellWhichAnswerIsTheLast(String last) throws Exception {
    answer(last);
    try (var connection = open()) {
      assertThat(connection.get("/", "")).isEqualTo(200);
      assertThat(connection.isKept()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 700 Odd\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      })
  void shouldFailIfItIsNotHttp(String answer) throws Exception {
    answer(answer);
    try (var connection = open()) {
      assertThatThrownBy(() -> connection.get("/", ""))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("it does not speak HTTP");
      assertThat(connection.isKept()).isFalse();
    }
  }

  @Test
  void shouldFailIfThereIsNoAnswer() throws Exception {
    answer("");
    try (var connection = open()) {
      assertThatThrownBy(() -> connection.get("/", ""))
          .hasMessage("it closed the connection without an answer");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\nok",
      })
  void shouldFailIfAnAnswerIsCut(String cut) throws Exception {
    answer(cut);
    try (var connection = open()) {
      assertThatThrownBy(() -> connection.get("/", ""))
          .hasMessage("it closed the connection within an answer");
    }
  }

  @Test
  void shouldFailIfAHeadHasNoEnd() throws Exception {
    answer("HTTP/1.1 200 OK\r\nX: " + "x".repeat(300_000));
    try (var connection = open()) {
      assertThatThrownBy(() -> connection.get("/", "")).hasMessageContaining("too long a head");
    }
  }

  /** Each byte comes in time, and the answer never. */
  @Test
  void shouldNotWaitForAnAnswerThatTricklesIn() throws Exception {
    Thread.ofPlatform().daemon().start(this::trickle);
    try (var connection = new HttpConnection(address(), Duration.ofMillis(300))) {
      assertThatThrownBy(() -> connection.get("/", "")).isInstanceOf(SocketTimeoutException.class);
    }
  }

  private void trickle() {
    try (Socket socket = listener.accept()) {
      socket.getOutputStream().write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
      while (socket.getInputStream().available() >= 0) {
        socket.getOutputStream().write("X: y\r\n".getBytes(StandardCharsets.US_ASCII));
        Thread.sleep(20);
      }
    } catch (IOException | InterruptedException e) {
      // the client has gone
    }
  }

  private HttpConnection open() throws IOException {
    return new HttpConnection(address(), LIMIT);
  }

  private int port() {
    return listener.getLocalPort();
  }

  private InetSocketAddress address() {
    return new InetSocketAddress(listener.getInetAddress(), port());
  }

  /** Answers one request after the other over one connection, and closes that. */
  private void answer(String... answers) {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try (Socket socket = listener.accept()) {
            serve(socket, List.of(answers));
          } catch (IOException e) {
            // the client has gone
          }
        });
  }

  private void serve(Socket socket, List<String> answers) throws IOException {
    var in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    for (String answer : answers) {
      var lines = new StringBuilder();
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        lines.append(lines.isEmpty() ? "" : "|").append(line);
      }
      requests.add(lines.toString());
      socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    }
  }
}
