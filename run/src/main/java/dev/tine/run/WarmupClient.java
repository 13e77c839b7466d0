package dev.tine.run;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One client of a warm-up, which behaves as those in the field do: it sends some requests over a
 * connection, ends that in one way or the other, and says in different ways what it accepts.
 *
 * <p>Compiled code has in it only what it has seen. What a worker meets for the first time makes it
 * throw away the code of a whole request, and compile it again while its users wait, in each worker
 * anew.
 */
final class WarmupClient implements AutoCloseable {
  /** Requests over a connection, by turns; many servers end it themselves after 100. */
  private static final List<Integer> LENGTHS = List.of(32, 8, 128);

  /** Of connections, one is reset: rarely, since some programs log that. */
  private static final int RESET_EVERY = 128;

  private static final int RESET_AT = 7;

  /** Of a tool, a browser, a program, and one that says nothing. */
  private static final List<String> FIELDS =
      List.of(
          """
          User-Agent: tine\r
          Accept: */*\r
          """,
          """
          User-Agent: tine\r
          Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r
          Accept-Language: en-US,en;q=0.5\r
          Accept-Encoding: gzip, deflate\r
          """,
          """
          User-Agent: tine\r
          Accept: application/json\r
          Accept-Encoding: gzip\r
          """,
          "");

  private final InetSocketAddress address;
  private final Duration limit;
  private Optional<HttpConnection> connection = Optional.empty();
  private int round;
  private int sentInRound;

  /**
   * Connects when it is needed.
   *
   * @param limit of the time of a request
   */
  WarmupClient(InetSocketAddress address, Duration limit) {
    this.address = address;
    this.limit = limit;
  }

  /**
   * Sends a request; the status code of its answer.
   *
   * @throws IOException also if it does not speak HTTP, or takes too long
   */
  int get(String path) throws IOException {
    sentInRound++;
    boolean isLast = sentInRound == LENGTHS.get(round % LENGTHS.size());
    boolean isGoodbyeSaid = isLast && round / FIELDS.size() % 2 == 0;
    String option = isGoodbyeSaid ? "close" : "keep-alive";
    boolean isOptionSaid = isGoodbyeSaid || round % 2 == 1;
    String fields =
        FIELDS.get(round % FIELDS.size()) + (isOptionSaid ? "Connection: " + option + "\r\n" : "");
    try {
      return send(path, fields);
    } finally {
      if (isLast) {
        endRound();
      }
    }
  }

  private void endRound() {
    if (round % RESET_EVERY == RESET_AT) {
      connection.ifPresent(HttpConnection::reset);
    }
    close();
    round++;
    sentInRound = 0;
  }

  private int send(String path, String fields) throws IOException {
    if (connection.filter(HttpConnection::isKept).isPresent()) {
      try {
        return connection.get().get(path, fields);
      } catch (IOException e) {
        // The program may close what it keeps at any time; if there is more to it, the next one
        // tells.
      }
    }
    close();
    var next = new HttpConnection(address, limit);
    connection = Optional.of(next);
    return next.get(path, fields);
  }

  @Override
  public void close() {
    connection.ifPresent(HttpConnection::close);
    connection = Optional.empty();
  }
}
