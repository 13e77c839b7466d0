package dev.tine.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An address to listen on, written {@code HOST:PORT}; an IPv6 host stands in brackets. */
record ListenAddress(String host, int port) {
  private static final int MAX_PORT = 65_535;

  /**
   * Reads {@code HOST:PORT}.
   *
   * @throws IllegalArgumentException if {@code text} is something else
   */
  static ListenAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0 || colon == text.length() - 1) {
      throw wrong(text, "expected HOST:PORT, for example 127.0.0.1:8080 or [::1]:8080");
    }
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (host.contains(":") && !bracketed) {
      throw wrong(text, "an IPv6 address needs brackets, for example [::1]:8080");
    }
    return new ListenAddress(host, port(text, text.substring(colon + 1)));
  }

  private static int port(String text, String digits) {
    try {
      int port = Integer.parseInt(digits);
      if (0 <= port && port <= MAX_PORT) {
        return port;
      }
    } catch (NumberFormatException _) {
      // Told below, as a port out of range is.
    }
    throw wrong(text, "the port must be a number from 0 (any free port) to " + MAX_PORT);
  }

  private static IllegalArgumentException wrong(String text, String reason) {
    return new IllegalArgumentException("'" + text + "': " + reason);
  }

  /** The host as the resolver wants it. */
  String hostWithoutBrackets() {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }

  /** Reads the value of an option. */
  static final class Converter implements ITypeConverter<ListenAddress> {
    @Override
    public ListenAddress convert(String value) {
      try {
        return parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
