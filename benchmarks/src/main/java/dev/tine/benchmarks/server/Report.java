package dev.tine.benchmarks.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was measured, as rows of names and numbers. */
public final class Report {
  private final String machine;
  private final List<Map<String, Object>> rows = new ArrayList<>();

  public Report(String machine) {
    this.machine = machine;
  }

  /** Begins a row. */
  public Report row(String measured) {
    rows.add(new LinkedHashMap<>());
    return with("measured", measured);
  }

  /** Adds to it. */
  public Report with(String name, String value) {
    rows.getLast().put(name, value);
    return this;
  }

  /** Adds to it. */
  public Report with(String name, long value) {
    rows.getLast().put(name, BigDecimal.valueOf(value));
    return this;
  }

  /** Adds to it, with three decimals. */
  public Report with(String name, double value) {
    rows.getLast().put(name, BigDecimal.valueOf(value).setScale(3, RoundingMode.HALF_UP));
    return this;
  }

  /** Writes it as JSON. */
  public void write(Path file) throws IOException {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("machine", machine);
      json.writeArrayFieldStart("rows");
      for (Map<String, Object> row : rows) {
        json.writeStartObject();
        for (Map.Entry<String, Object> entry : row.entrySet()) {
          switch (entry.getValue()) {
            case BigDecimal number -> json.writeNumberField(entry.getKey(), number);
            case Object other -> json.writeStringField(entry.getKey(), other.toString());
          }
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    Files.writeString(file, text + "\n");
  }
}
