package dev.tine.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Replies of a monitor, read. */
public final class StatusReader {
  private StatusReader() {}

  /** The reply to {@link Request.GetStatus}. */
  public static Status status(String reply) {
    Map<String, Object> fields = read(reply);
    List<Status.Member> processes = new ArrayList<>();
    for (Object item : list(fields, "processes")) {
      if (item instanceof Map<?, ?> process) {
        processes.add(
            new Status.Member(
                String.valueOf(process.get("role")),
                number(process, "pid", 0),
                number(process, "id", -1),
                number(process, "generation", 0),
                Instant.parse(String.valueOf(process.get("since"))),
                number(process, "restarts", 0)));
      }
    }
    return new Status(
        String.valueOf(fields.get("name")),
        String.valueOf(fields.get("state")),
        number(fields, "generation", 0),
        number(fields, "workers", 0),
        list(fields, "listen").stream().map(String::valueOf).toList(),
        processes);
  }

  /** The reply to {@link Request.GetLogs}. */
  public static List<String> lines(String reply) {
    return list(read(reply), "lines").stream().map(String::valueOf).toList();
  }

  private static List<?> list(Map<String, Object> fields, String name) {
    return fields.get(name) instanceof List<?> list ? list : List.of();
  }

  private static int number(Map<?, ?> fields, String name, int missing) {
    return fields.get(name) instanceof Number number ? number.intValue() : missing;
  }

  /**
   * One object of the reply as its fields, in order: strings, numbers, truth values, lists and
   * objects.
   *
   * @throws RunFailedException if it is an error, or none that this version understands
   */
  public static Map<String, Object> read(String reply) {
    try (JsonParser json = new JsonFactory().createParser(reply)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new RunFailedException("the monitor's answer is not understood: " + reply);
      }
      Map<String, Object> fields = object(json);
      if (fields.get("error") instanceof String error) {
        throw new RunFailedException(error);
      }
      return fields;
    } catch (IOException e) {
      throw new RunFailedException("the monitor's answer is not understood: " + e.getMessage());
    }
  }

  private static Map<String, Object> object(JsonParser json) throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      fields.put(name, value(json));
    }
    return fields;
  }

  private static Object value(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case START_OBJECT -> object(json);
      case START_ARRAY -> {
        List<Object> items = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(json));
        }
        yield items;
      }
      case VALUE_NUMBER_INT -> json.getLongValue();
      case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
      case VALUE_TRUE, VALUE_FALSE -> json.getBooleanValue();
      default -> json.getText();
    };
  }
}
