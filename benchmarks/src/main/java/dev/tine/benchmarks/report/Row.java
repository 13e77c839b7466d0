package dev.tine.benchmarks.report;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One measurement: names, and for each a text or a {@link BigDecimal}.
 *
 * @param cells in the order of the file
 */
record Row(Map<String, Object> cells) {
  /** What is shown where nothing was measured. */
  private static final String NOTHING = "–";

  /** Reads one whose object was begun. */
  static Row read(JsonParser json) throws IOException {
    Map<String, Object> cells = new LinkedHashMap<>();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      JsonToken value = json.nextToken();
      cells.put(name, value.isNumeric() ? json.getDecimalValue() : json.getText());
    }
    return new Row(cells);
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(cells.get(name)).map(Object::toString);
  }

  Optional<BigDecimal> number(String name) {
    return cells.get(name) instanceof BigDecimal number ? Optional.of(number) : Optional.empty();
  }

  /** Whether all these cells are there and equal: name, value, name, value ... */
  boolean has(String... namesAndValues) {
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (!text(namesAndValues[i]).orElse("").equals(namesAndValues[i + 1])) {
        return false;
      }
    }
    return true;
  }

  /** A cell as a person reads it: three digits that count, or the text. */
  String shown(String name) {
    return number(name).map(Row::shown).or(() -> text(name)).orElse(NOTHING);
  }

  private static String shown(BigDecimal number) {
    double magnitude = Math.abs(number.doubleValue());
    if (number.stripTrailingZeros().scale() <= 0 || magnitude >= 100) {
      return String.format(Locale.ROOT, "%,.0f", number);
    }
    return String.format(Locale.ROOT, magnitude >= 10 ? "%.1f" : "%.2f", number);
  }
}
