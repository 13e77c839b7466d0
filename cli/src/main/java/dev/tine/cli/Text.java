package dev.tine.cli;

import java.util.ArrayList;
import java.util.List;

/** Text in a column of a table. */
final class Text {
  private Text() {}

  /** Cut in the middle to a width: the end of a path says more than its middle. */
  static String cut(String text, int width) {
    if (text.length() <= width) {
      return text;
    }
    int head = (width - 1) / 3;
    int tail = width - 1 - head;
    return text.substring(0, head) + "…" + text.substring(text.length() - tail);
  }

  /** Lines of at most a width, broken at blanks; a longer word has a line of its own. */
  static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    var line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  /** With '?' in the place of what would move the cursor or colour the terminal. */
  static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}|\\p{Cs}", "?");
  }
}
