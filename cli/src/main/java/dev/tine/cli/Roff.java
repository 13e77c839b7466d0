package dev.tine.cli;

import java.util.regex.Pattern;

/** A manual page that is being written, in the language of man(7). */
final class Roff {
  private static final Pattern SPACES = Pattern.compile("\\s+");

  private final StringBuilder page = new StringBuilder();

  /** Begins a page of section 1. */
  Roff(String name, String source) {
    page.append(".TH \"%s\" 1 \"\" \"%s\"\n".formatted(escape(name), escape(source)));
    // A word is not broken, and nothing is stretched: most of the words are options.
    page.append(".nh\n.ad l\n");
  }

  Roff section(String title) {
    page.append(".SH \"").append(escape(title)).append("\"\n");
    return this;
  }

  Roff subsection(String title) {
    page.append(".SS \"").append(escape(title)).append("\"\n");
    return this;
  }

  Roff paragraph(String text) {
    page.append(".PP\n");
    return line(text);
  }

  /** A term in bold, and what it means. */
  Roff item(String term, String meaning) {
    page.append(".TP\n\\fB").append(escape(flat(term))).append("\\fR\n");
    return line(meaning);
  }

  /** Lines that stay as they are: an example, or a table. */
  Roff verbatim(Iterable<String> lines) {
    page.append(".PP\n.nf\n");
    for (String line : lines) {
      page.append(atStart(escape(line))).append('\n');
    }
    page.append(".fi\n");
    return this;
  }

  /** The page. */
  String text() {
    return page.toString();
  }

  private Roff line(String text) {
    page.append(atStart(escape(flat(text)))).append('\n');
    return this;
  }

  private static String flat(String text) {
    return SPACES.matcher(text).replaceAll(" ").strip();
  }

  /** A backslash would begin a request of roff, and a bare hyphen may be set as another sign. */
  static String escape(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-").replace("\"", "\\(dq");
  }

  /** A point or an apostrophe begins a request, if it is the first in its line. */
  private static String atStart(String line) {
    return line.startsWith(".") || line.startsWith("'") ? "\\&" + line : line;
  }
}
