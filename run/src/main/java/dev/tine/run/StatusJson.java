package dev.tine.run;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.function.IntFunction;

/** A {@link Status} as fields of JSON, of {@link Request#VERSION}; docs/RUN.md lists them. */
public final class StatusJson {
  private StatusJson() {}

  /**
   * Writes them into an object that is open.
   *
   * @param usages what a process uses, by its pid
   */
  public static void write(JsonGenerator json, Status status, IntFunction<Usage> usages)
      throws IOException {
    json.writeStringField("name", status.name());
    json.writeNumberField("workers", status.wanted());
    json.writeStringField("state", status.state());
    json.writeNumberField("generation", status.generation());
    json.writeArrayFieldStart("listen");
    for (String address : status.addresses()) {
      json.writeString(address);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("processes");
    for (Status.Member process : status.processes()) {
      write(json, process, usages.apply(process.pid()));
    }
    json.writeEndArray();
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
    json.writeNumberField("uss_bytes", usage.ussBytes());
    json.writeEndObject();
  }
}
