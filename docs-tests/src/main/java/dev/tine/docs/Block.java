package dev.tine.docs;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A block of code in a page.
 *
 * @param page the page
 * @param line where the block begins
 * @param language the word after the fence; empty if there is none
 * @param note the comment on the line before; empty if there is none
 * @param code the lines
 */
public record Block(Path page, int line, String language, String note, List<String> code) {
  private static final String UNCHECKED = "unchecked:";
  private static final String FRAGMENT = "fragment";

  /** Keeps a copy. */
  public Block {
    code = List.copyOf(code);
  }

  /** Why it cannot be checked, as the note {@code unchecked: why} says. */
  public Optional<String> unchecked() {
    return note.startsWith(UNCHECKED)
        ? Optional.of(note.substring(UNCHECKED.length()).strip())
        : Optional.empty();
  }

  /**
   * What statements that are no whole class are given, as the note {@code fragment: Type name, ...}
   * says; empty text if nothing.
   */
  public Optional<String> fragment() {
    return note.startsWith(FRAGMENT)
        ? Optional.of(note.substring(FRAGMENT.length()).replaceFirst("^:", "").strip())
        : Optional.empty();
  }

  /** The code as it stands. */
  public String text() {
    return String.join("\n", code) + "\n";
  }

  /** What a person types: in a {@code console} block what follows the prompt, else everything. */
  public String script() {
    if (!language.equals("console")) {
      return text();
    }
    var script = new StringBuilder();
    boolean goesOn = false;
    for (String each : code) {
      if (goesOn || each.startsWith("$ ")) {
        script.append(goesOn ? each : each.substring(2)).append('\n');
        goesOn = each.endsWith("\\");
      }
    }
    return script.toString();
  }

  @Override
  public String toString() {
    return page + ":" + line;
  }
}
