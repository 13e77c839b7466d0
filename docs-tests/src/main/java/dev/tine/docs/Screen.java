package dev.tine.docs;

import java.util.ArrayList;
import java.util.List;

/**
 * What stands on a terminal, line by line, with the colours it was printed in. It grows at the end
 * and never scrolls; of a terminal's codes it knows colours, carriage returns and what rewrites a
 * line.
 */
final class Screen {
  private static final char ESCAPE = '\033';

  private final int columns;
  private final List<StringBuilder> lines = new ArrayList<>(List.of(new StringBuilder()));
  private final List<List<String>> styles = new ArrayList<>(List.of(new ArrayList<>()));
  private int column;
  private String style = "";

  /**
   * A stretch of one line in one style.
   *
   * @param style the numbers of the colours, as printed; empty for none
   */
  record Run(String text, String style) {}

  /** So wide: what is longer goes on in the next line. */
  Screen(int columns) {
    this.columns = columns;
  }

  /** Shows what a program has written. */
  void print(String output) {
    for (int i = 0; i < output.length(); i++) {
      char c = output.charAt(i);
      switch (c) {
        case ESCAPE -> i = escape(output, i);
        case '\r' -> column = 0;
        case '\n' -> breakLine();
        case '\b' -> column = Math.max(0, column - 1);
        default -> {
          if (c >= ' ') {
            put(c);
          }
        }
      }
    }
  }

  private void put(char c) {
    if (column == columns) {
      breakLine();
      column = 0;
    }
    StringBuilder line = lines.getLast();
    List<String> row = styles.getLast();
    if (column == line.length()) {
      line.append(c);
      row.add(style);
    } else {
      line.setCharAt(column, c);
      row.set(column, style);
    }
    column++;
  }

  private void breakLine() {
    lines.add(new StringBuilder());
    styles.add(new ArrayList<>());
    column = 0;
  }

  /** Where the code that begins at {@code begin} ends. */
  private int escape(String output, int begin) {
    int end = begin + 1;
    if (end >= output.length() || output.charAt(end) != '[') {
      return end;
    }
    do {
      end++;
    } while (end < output.length() && (output.charAt(end) < '@' || output.charAt(end) > '~'));
    if (end == output.length()) {
      return end;
    }
    String numbers = output.substring(begin + 2, end);
    if (output.charAt(end) == 'm') {
      style = numbers.matches("0?") ? "" : numbers;
    } else if (output.charAt(end) == 'K') {
      lines.getLast().setLength(column);
      List<String> row = styles.getLast();
      row.subList(column, row.size()).clear();
    }
    return end;
  }

  /** The lines as text. */
  List<String> text() {
    return lines.stream().map(line -> line.toString().stripTrailing()).toList();
  }

  /** The stretches of a line. */
  List<Run> runs(int index) {
    String line = text().get(index);
    List<Run> runs = new ArrayList<>();
    int begin = 0;
    for (int i = 1; i <= line.length(); i++) {
      List<String> row = styles.get(index);
      if (i == line.length() || !row.get(i).equals(row.get(begin))) {
        runs.add(new Run(line.substring(begin, i), row.get(begin)));
        begin = i;
      }
    }
    return runs;
  }
}
