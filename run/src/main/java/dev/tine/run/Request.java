package dev.tine.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a monitor is asked for: one JSON object on a line, flat, of version 1. */
public sealed interface Request {
  /** Of the protocol. */
  int VERSION = 1;

  /** A longer line is no request. Commands with their arguments have room. */
  int MAX_LENGTH = 64 * 1024;

  /** All that {@link Status} has. */
  record GetStatus() implements Request {}

  /** The last lines of all processes. */
  record GetLogs() implements Request {}

  /** Ends a worker, which gets a successor. */
  record Restart(int id) implements Request {}

  /** Changes how many workers there are. */
  record Scale(int count) implements Request {}

  /** Ends all. The connection stays open until that is done. */
  record Stop() implements Request {}

  /**
   * Boots the program anew, and lets it take over; answered by lines of what happens, and at last
   * by how it ended. It is given up if the connection is closed before.
   *
   * @param command another one than before; empty: the same
   */
  record Reload(List<String> command) implements Request {
    /** Copies the list. */
    public Reload {
      command = List.copyOf(command);
    }
  }

  /** Goes back to the generation before; answered like {@link Reload}. */
  record Rollback() implements Request {}

  /** Makes a worker the mold of the others; answered like {@link Reload}. */
  record Refork() implements Request {}

  /** Whether lines of what happens come before the reply. */
  default boolean isFollowed() {
    return switch (this) {
      case Reload _, Rollback _, Refork _ -> true;
      case GetStatus _, GetLogs _, Restart _, Scale _, Stop _ -> false;
    };
  }

  /** One line, without its end. */
  default String toJson() {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("version", VERSION);
      switch (this) {
        case GetStatus() -> json.writeStringField("command", "status");
        case GetLogs() -> json.writeStringField("command", "logs");
        case Stop() -> json.writeStringField("command", "stop");
        case Rollback() -> json.writeStringField("command", "rollback");
        case Refork() -> json.writeStringField("command", "refork");
        case Reload(List<String> command) -> {
          json.writeStringField("command", "reload");
          if (!command.isEmpty()) {
            json.writeArrayFieldStart("run");
            for (String word : command) {
              json.writeString(word);
            }
            json.writeEndArray();
          }
        }
        case Restart(int id) -> {
          json.writeStringField("command", "restart");
          json.writeNumberField("id", id);
        }
        case Scale(int count) -> {
          json.writeStringField("command", "scale");
          json.writeNumberField("count", count);
        }
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter throws none
    }
    return text.toString();
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException with what is wrong with it, for the one who sent it
   */
  static Request parse(String line) {
    Map<String, Object> fields = fields(line);
    if (!Integer.valueOf(VERSION).equals(fields.remove("version"))) {
      throw new IllegalArgumentException("version must be " + VERSION);
    }
    if (!(fields.remove("command") instanceof String command)) {
      throw new IllegalArgumentException("no command");
    }
    Request request =
        switch (command) {
          case "status" -> new GetStatus();
          case "logs" -> new GetLogs();
          case "stop" -> new Stop();
          case "rollback" -> new Rollback();
          case "refork" -> new Refork();
          case "reload" -> new Reload(words(fields.remove("run")));
          case "restart" -> new Restart(number(fields, "id", 0, Limits.WORKERS - 1));
          case "scale" -> new Scale(number(fields, "count", 1, Limits.WORKERS));
          default -> throw new IllegalArgumentException("no such command: " + command);
        };
    if (!fields.isEmpty()) {
      throw new IllegalArgumentException("unknown fields: " + fields.keySet());
    }
    return request;
  }

  private static List<String> words(@Nullable Object field) {
    List<String> words = new ArrayList<>();
    if (field instanceof List<?> list) {
      list.forEach(word -> words.add((String) word));
      if (words.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
        throw new IllegalArgumentException("a word of run has a NUL, which no command can have");
      }
    } else if (field != null) {
      throw new IllegalArgumentException("run must be a list of strings");
    }
    return words;
  }

  private static int number(Map<String, Object> fields, String name, int least, int most) {
    if (fields.remove(name) instanceof Integer value && value >= least && value <= most) {
      return value;
    }
    throw new IllegalArgumentException(
        "%s must be a number from %d to %d".formatted(name, least, most));
  }

  private static List<String> strings(JsonParser json, String name) throws IOException {
    List<String> strings = new ArrayList<>();
    while (json.nextToken() == JsonToken.VALUE_STRING) {
      strings.add(json.getText());
    }
    if (json.currentToken() != JsonToken.END_ARRAY) {
      throw new IllegalArgumentException(name + " must have strings only");
    }
    return strings;
  }

  private static Map<String, Object> fields(String line) {
    Map<String, Object> fields = new HashMap<>();
    JsonFactory factory =
        JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    try (JsonParser json = factory.createParser(line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("not a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        switch (json.nextToken()) {
          case VALUE_STRING -> fields.put(name, json.getText());
          case VALUE_NUMBER_INT -> fields.put(name, json.getIntValue());
          case START_ARRAY -> fields.put(name, strings(json, name));
          case null, default ->
              throw new IllegalArgumentException(
                  name + " must be a string, an integer or a list of strings");
        }
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw new IllegalArgumentException("more than one JSON object");
      }
      return fields;
    } catch (IOException e) {
      throw new IllegalArgumentException("not JSON", e);
    }
  }
}
