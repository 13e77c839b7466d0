package dev.tine.benchmarks;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a benchmark has measured, as a file of JSON: the benchmark, the command that measures it
 * again, the machine, the time, the commit, and rows of names and values. A name has its unit
 * ({@code p50_ms}); a row's first value is {@code measured}, which says what its others are.
 */
public final class Report {
  private final String benchmark;
  private final String command;
  private final Map<String, Object> machine;
  private final Instant at = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final List<Map<String, Object>> rows = new ArrayList<>();

  /** Of a benchmark as it was called. */
  public Report(String benchmark, List<String> arguments) throws IOException {
    this.benchmark = benchmark;
    this.command =
        ("benchmarks/" + benchmark + " " + String.join(" ", withoutFile(arguments))).strip();
    this.machine = Machine.facts();
  }

  /** Where the numbers go does not change them. */
  private static List<String> withoutFile(List<String> arguments) {
    List<String> shown = new ArrayList<>(arguments);
    int option = shown.indexOf("--json");
    if (option >= 0) {
      shown.subList(option, Math.min(option + 2, shown.size())).clear();
    }
    return shown;
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

  /** Adds to it, with three decimals; nothing if there is no such number. */
  public Report with(String name, double value) {
    if (Double.isFinite(value)) {
      rows.getLast().put(name, BigDecimal.valueOf(value).setScale(3, RoundingMode.HALF_UP));
    }
    return this;
  }

  /**
   * Adds {@code NAME_median_UNIT}, its 10th and 90th percentile, least, most and count: {@code
   * start_p90_ms}, {@code start_n}.
   *
   * @param perUnit samples are divided by this
   */
  public Report spread(String name, Samples samples, String unit, double perUnit) {
    if (samples.count() > 0) {
      with(name + "_median_" + unit, samples.median() / perUnit);
      with(name + "_p10_" + unit, samples.percentile(10) / perUnit);
      with(name + "_p90_" + unit, samples.percentile(90) / perUnit);
      with(name + "_min_" + unit, samples.percentile(0) / perUnit);
      with(name + "_max_" + unit, samples.percentile(100) / perUnit);
    }
    return with(name + "_n", samples.count());
  }

  /** Writes it. */
  public void write(Path file) throws IOException {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("benchmark", benchmark);
      json.writeStringField("command", command);
      json.writeFieldName("machine");
      write(json, machine);
      json.writeStringField("at", at.toString());
      String commit = System.getProperty("tine.benchmarks.commit", "");
      if (!commit.isEmpty()) {
        json.writeStringField("commit", commit);
      }
      json.writeArrayFieldStart("rows");
      for (Map<String, Object> row : rows) {
        write(json, row);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    Files.writeString(file, text + "\n");
  }

  private static void write(JsonGenerator json, Map<String, Object> values) throws IOException {
    json.writeStartObject();
    for (Map.Entry<String, Object> entry : values.entrySet()) {
      switch (entry.getValue()) {
        case BigDecimal number -> json.writeNumberField(entry.getKey(), number);
        case Object other -> json.writeStringField(entry.getKey(), other.toString());
      }
    }
    json.writeEndObject();
  }
}
