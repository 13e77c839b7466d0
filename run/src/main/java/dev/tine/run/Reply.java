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
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("version", Request.VERSION);
      json.writeStringField("event", event.line());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter throws none
    }
    return text.toString();
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
    return object(
        true,
        json -> {
          json.writeStringField("name", status.name());
          json.writeNumberField("workers", status.wanted());
          json.writeArrayFieldStart("listen");
          for (String address : status.addresses()) {
            json.writeString(address);
          }
          json.writeEndArray();
          json.writeArrayFieldStart("processes");
          for (Status.Member process : status.processes()) {
            write(json, process, Usage.of(process.pid()));
          }
          json.writeEndArray();
        });
  }

  private static void write(JsonGenerator json, Status.Member process, Usage usage)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("role", process.role());
    json.writeNumberField("pid", process.pid());
    if (process.id() >= 0) {
      json.writeNumberField("id", process.id());
      json.writeNumberField("restarts", process.restarts());
    }
    if (process.generation() > 0) {
      json.writeNumberField("generation", process.generation());
    }
    json.writeStringField("since", process.since().toString());
    json.writeStringField("state", usage.state());
    json.writeNumberField("cpu_seconds", usage.cpu().toMillis() / 1e3);
    json.writeNumberField("rss_bytes", usage.rssBytes());
    json.writeNumberField("pss_bytes", usage.pssBytes());
    json.writeEndObject();
  }

  private static String object(boolean isOk, Body body) {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("version", Request.VERSION);
      json.writeBooleanField("ok", isOk);
      body.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter throws none
    }
    return text.toString();
  }
}
