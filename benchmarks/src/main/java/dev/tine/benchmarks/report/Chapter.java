package dev.tine.benchmarks.report;

import java.util.List;

/**
 * What the page shows of one benchmark.
 *
 * @param call its name in the folder of the benchmarks, and options that are always given
 * @param title of the chapter
 * @param text what is compared, and how to read it
 * @param tables in this order; kinds of rows that none of them names are not shown
 */
record Chapter(List<String> call, String title, String text, List<Table> tables) {
  /** What its numbers are called. */
  String name() {
    return String.join("", call).replace("--", "-");
  }

  /**
   * The rows of one kind, a line each.
   *
   * @param measured the kind
   * @param columns cells by their names
   */
  record Table(String measured, String caption, List<String> columns) {
    String markdown(List<Row> rows) {
      StringBuilder text = new StringBuilder(caption).append("\n\n");
      line(text, columns.stream().map(name -> name.replace('_', ' ')).toList());
      line(text, columns.stream().map(name -> isText(rows, name) ? "---" : "---:").toList());
      rows.forEach(row -> line(text, columns.stream().map(row::shown).toList()));
      return text.append("\n").toString();
    }

    private static boolean isText(List<Row> rows, String name) {
      return rows.stream().noneMatch(row -> row.number(name).isPresent());
    }

    private static void line(StringBuilder text, List<String> cells) {
      text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
  }

  static Table table(String measured, String caption, String... columns) {
    return new Table(measured, caption, List.of(columns));
  }
}
