package dev.tine.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Something that happened to the program or one of its processes: one line of the log, of a name
 * and {@code key=value} pairs. docs/RUN.md lists them all; names and keys stay as they are.
 *
 * @param details lines for a person, which follow the line of the event
 */
public record Event(Instant time, String name, List<Field> fields, List<String> details) {

  /** Copies the lists. */
  public Event {
    fields = List.copyOf(fields);
    details = List.copyOf(details);
  }

  /** One pair. */
  public record Field(String key, String value) {}

  /** An event of now, without fields. */
  public static Event of(String name) {
    return new Event(Instant.now(), name, List.of(), List.of());
  }

  /** An event of now, about a worker. */
  static Event ofWorker(String name, int id, int pid, int generation) {
    return of(name).with("id", id).with("pid", pid).with("gen", generation);
  }

  /** This one with one more field. */
  public Event with(String key, Object value) {
    List<Field> more = new ArrayList<>(fields);
    more.add(new Field(key, text(value)));
    return new Event(time, name, more, details);
  }

  /** This one with a reason; its lines after the first, such as output, are for a person. */
  Event withReason(String reason) {
    List<String> lines = reason.lines().toList();
    return lines.isEmpty()
        ? with("reason", "")
        : with("reason", lines.getFirst()).details(lines.subList(1, lines.size()));
  }

  /** This one with lines for a person. */
  public Event details(List<String> lines) {
    return new Event(time, name, fields, lines);
  }

  private static String text(Object value) {
    return value instanceof Duration time
        ? String.format(Locale.ROOT, "%.1fs", time.toMillis() / 1e3)
        : String.valueOf(value);
  }

  /** The value of a field. */
  public Optional<String> field(String key) {
    return fields.stream().filter(field -> field.key().equals(key)).map(Field::value).findFirst();
  }

  /** The line, without details: values that are not plain words stand in quotes. */
  public String line() {
    var line = new StringBuilder(name);
    for (Field field : fields) {
      line.append(' ').append(field.key()).append('=').append(quoted(field.value()));
    }
    return line.toString();
  }

  private static String quoted(String value) {
    boolean isPlain =
        !value.isEmpty()
            && value.chars().allMatch(c -> c > ' ' && c != '"' && c != '=' && c != '\\' && c < 127);
    if (isPlain) {
      return value;
    }
    var quoted = new StringBuilder("\"");
    value
        .chars()
        .forEach(c -> {
          switch (c) {
            case '"', '\\' -> quoted.append('\\').append((char) c);
            case '\n' -> quoted.append("\\n");
            default -> quoted.append(c < ' ' || c == 127 ? '?' : (char) c);
          }
        });
    return quoted.append('"').toString();
  }
}
