package dev.tine.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The page that shows what is in a folder of raw results: {@code README.md} and its plots. */
public final class Page {
  private final Path folder;
  private final StringBuilder text = new StringBuilder();
  private final List<String> missing = new ArrayList<>();

  private Page(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes it.
   *
   * @return the benchmarks that have no numbers there
   */
  public static List<String> write(Path folder) throws IOException, InterruptedException {
    Page page = new Page(folder);
    page.write();
    return page.missing;
  }

  /** Where a benchmark's numbers are. */
  public static Path raw(Path folder, String command) {
    return folder.resolve("raw").resolve(command + ".json");
  }

  private void write() throws IOException, InterruptedException {
    Map<String, RawResult> results = read();
    text.append(
        """
        # What was measured

        Made by `benchmarks/all`, which runs all benchmarks and writes this page; not by hand. Each chapter names the command that
        repeats it, and its raw numbers. What is compared ran by turns on the same machine. This one has two virtual processors
        shared with others, so compare the columns and rows of a run, not runs. [benchmarks/README.md](../../benchmarks/README.md)
        tells how each number is taken, and what lies behind those that are bad.

        """);
    targets(results);
    for (Chapter chapter : Chapters.ALL) {
      Optional<RawResult> result = Optional.ofNullable(results.get(chapter.name()));
      if (result.isPresent()) {
        chapter(chapter, result.get());
      } else {
        missing.add(chapter.name());
      }
    }
    Files.writeString(folder.resolve("README.md"), text.toString().stripTrailing() + "\n");
  }

  private Map<String, RawResult> read() throws IOException {
    Map<String, RawResult> results = new LinkedHashMap<>();
    for (Chapter chapter : Chapters.ALL) {
      Path file = raw(folder, chapter.name());
      if (Files.exists(file)) {
        results.put(chapter.name(), RawResult.read(file));
      }
    }
    return results;
  }

  private void targets(Map<String, RawResult> results) {
    List<Row> rows =
        results.values().stream().flatMap(result -> result.rows("target").stream()).toList();
    long met = rows.stream().filter(row -> row.has("verdict", "met")).count();
    String count = "%d of %d.".formatted(met, rows.size());
    text.append("## What was to be reached\n\n");
    text.append(
        Chapter.table("target", count, "what", "measured_value", "limit", "unit", "verdict")
            .markdown(rows));
  }

  private void chapter(Chapter chapter, RawResult result) throws IOException, InterruptedException {
    text.append("## %s\n\n%s\n\n".formatted(chapter.title(), chapter.text()));
    text.append(
        result.about().entrySet().stream()
            .filter(fact -> !fact.getKey().equals("benchmark"))
            .map(fact -> "* %s: %s".formatted(fact.getKey(), shown(fact)))
            .collect(Collectors.joining("\n", "", "\n")));
    text.append("* raw: [raw/%1$s.json](raw/%1$s.json)\n\n".formatted(chapter.name()));
    for (Figure figure : Figures.of(chapter.name(), result)) {
      Gnuplot.draw(figure.plot(), folder.resolve(figure.file()));
      text.append("![%s](%s)\n\n".formatted(figure.plot().title(), figure.file()));
    }
    for (Chapter.Table table : chapter.tables()) {
      List<Row> rows = result.rows(table.measured());
      if (!rows.isEmpty()) {
        text.append(table.markdown(rows));
      }
    }
  }

  private static String shown(Map.Entry<String, String> fact) {
    return fact.getKey().equals("command") ? "`" + fact.getValue() + "`" : fact.getValue();
  }
}
