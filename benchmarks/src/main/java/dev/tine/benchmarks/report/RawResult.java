package dev.tine.benchmarks.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What one benchmark has written with {@code --json}.
 *
 * @param about its command line, machine and time, by name
 */
record RawResult(Map<String, String> about, List<Row> rows) {
  static RawResult read(Path file) throws IOException {
    Map<String, String> about = new LinkedHashMap<>();
    List<Row> rows = new ArrayList<>();
    try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
      expect(json, JsonToken.START_OBJECT, json.nextToken());
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        switch (json.nextToken()) {
          case START_ARRAY -> readRows(json, rows);
          case START_OBJECT -> about.put(name, described(Row.read(json)));
          case VALUE_STRING -> about.put(name, json.getText());
          case JsonToken other -> expect(json, JsonToken.VALUE_STRING, other);
        }
      }
    }
    return new RawResult(about, rows);
  }

  /** The rows of one kind. */
  List<Row> rows(String measured) {
    return rows.stream().filter(row -> row.has("measured", measured)).toList();
  }

  /** The rows with these cells; see {@link Row#has}. */
  Stream<Row> where(String... namesAndValues) {
    return rows.stream().filter(row -> row.has(namesAndValues));
  }

  private static String described(Row machine) {
    return "%s; load before: %s"
        .formatted(machine.shown("described"), machine.shown("load_before"));
  }

  private static void readRows(JsonParser json, List<Row> rows) throws IOException {
    for (JsonToken next = json.nextToken(); next != JsonToken.END_ARRAY; next = json.nextToken()) {
      expect(json, JsonToken.START_OBJECT, next);
      rows.add(Row.read(json));
    }
  }

  private static void expect(JsonParser json, JsonToken expected, JsonToken actual)
      throws IOException {
    if (actual != expected) {
      throw new IOException(
          "%s: %s instead of %s".formatted(json.currentLocation(), actual, expected));
    }
  }
}
