package dev.tine.examples.hello;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of an HTTP/1 request.
 *
 * @param error status line of the answer if this is none that can be served, else empty
 * @param keepAlive whether another request can follow
 */
record Request(String error, String method, String path, boolean keepAlive) {
  private static final int MAX_HEAD_BYTES = 8 * 1024;
  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final Pattern REQUEST_LINE =
      Pattern.compile(
          "(" + TOKEN + ") (?:\\*|(?:https?://[^/ ]+)?(/[^ ?]*)(?:\\?[^ ]*)?) HTTP/1\\.([01])");
  private static final Pattern HEADER = Pattern.compile("(" + TOKEN + "):[ \t]*(.*?)[ \t]*");

  /**
   * Reads the next request.
   *
   * @throws EOFException if the client ended before or within it
   */
  static Request read(InputStream in) throws IOException {
    int budget = MAX_HEAD_BYTES;
    Optional<String> line = readLine(in, budget);
    if (line.isEmpty()) {
      return failed("431 Request Header Fields Too Large");
    }
    Matcher start = REQUEST_LINE.matcher(line.get());
    if (!start.matches()) {
      return failed("400 Bad Request");
    }
    boolean keepAlive = start.group(3).equals("1");
    boolean hasBody = false;
    int hosts = keepAlive ? 0 : 1; // HTTP/1.0 needs none
    while (true) {
      budget -= line.get().length() + 2;
      line = readLine(in, budget);
      if (line.isEmpty()) {
        return failed("431 Request Header Fields Too Large");
      }
      if (line.get().isEmpty()) {
        break;
      }
      Matcher header = HEADER.matcher(line.get());
      if (!header.matches()) {
        return failed("400 Bad Request");
      }
      String value = header.group(2).toLowerCase(Locale.ROOT);
      switch (header.group(1).toLowerCase(Locale.ROOT)) {
        case "host" -> hosts++;
        case "connection" -> keepAlive &= !value.contains("close");
        case "content-length" -> hasBody |= !value.equals("0");
        case "transfer-encoding" -> hasBody = true;
        default -> {}
      }
    }
    if (hosts == 0) {
      return failed("400 Bad Request");
    }
    // Bodies are not read, so what follows one is no request.
    String path = Optional.ofNullable(start.group(2)).orElse("*");
    return new Request("", start.group(1), path, keepAlive && !hasBody);
  }

  private static Request failed(String status) {
    return new Request(status, "", "", false);
  }

  /** Without its end; empty if it is longer than the limit. */
  private static Optional<String> readLine(InputStream in, int maxBytes) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int read = 0; read < maxBytes; read++) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException();
      }
      if (next == '\n') {
        String text = line.toString(ISO_8859_1);
        return Optional.of(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
      }
      line.write(next);
    }
    return Optional.empty();
  }
}
