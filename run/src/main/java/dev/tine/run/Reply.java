package dev.tine.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/** What a monitor answers, as one line of JSON. */
final class Reply {
  private Reply() {}

  private interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  static String ok() {
    return object(true, json -> {});
  }

  /** Something that happens meanwhile; the answer is still to come. */
  static String event(Event event) {
    return object(json -> json.writeStringField("event", event.line()));
  }

  static String error(String text) {
    return object(false, json -> json.writeStringField("error", text));
  }

  static String logs(List<String> lines) {
    return object(
        true,
        json -> {
          json.writeArrayFieldStart("lines");
          for (String line : lines) {
            json.writeString(line);
          }
          json.writeEndArray();
        });
  }

  static String status(Status status) {
    return object(true, json -> StatusJson.write(json, status, Usage::of));
  }

  private static String object(boolean isOk, Body body) {
    return object(json -> {
      json.writeBooleanField("ok", isOk);
      body.write(json);
    });
  }

  private static String object(Body body) {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("version", Request.VERSION);
      body.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter throws none
    }
    return text.toString();
  }
}
