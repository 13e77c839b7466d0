package dev.tine.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation, in Markdown.
 *
 * @param path where it is, from the root of the tree
 * @param blocks its blocks of code, in order
 * @param prose its lines that are not code; those that are, are empty
 */
public record Page(Path path, List<Block> blocks, List<String> prose) {
  private static final String FENCE = "```";
  private static final Pattern LINK =
      Pattern.compile("\\]\\(([^()\\s]+)\\)|<img [^>]*src=\"([^\"]+)\"");
  private static final Pattern SPAN = Pattern.compile("`([^`]+)`");
  private static final Pattern HEADING = Pattern.compile("#{1,6} +(.*)");

  /** Keeps copies. */
  public Page {
    blocks = List.copyOf(blocks);
    prose = List.copyOf(prose);
  }

  /**
   * Something that a page says, and where.
   *
   * @param text the target of a link, or a span of code
   */
  public record Said(String text, int line) {}

  /** README.md and all pages below docs/, of the tree at {@code root}. */
  public static List<Page> all(Path root) {
    try (Stream<Path> files = Files.walk(root.resolve("docs"))) {
      List<Path> pages = new ArrayList<>();
      pages.add(root.resolve("README.md"));
      files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
      return pages.stream().map(page -> read(root, root.relativize(page))).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads one. */
  public static Page read(Path root, Path path) {
    try {
      return parse(path, Files.readAllLines(root.resolve(path)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The page that these lines are. */
  static Page parse(Path path, List<String> lines) {
    List<Block> blocks = new ArrayList<>();
    List<String> prose = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      prose.add(line.strip().startsWith(FENCE) ? "" : line);
      if (!line.strip().startsWith(FENCE)) {
        continue;
      }
      int begin = i++;
      List<String> code = new ArrayList<>();
      while (i < lines.size() && !lines.get(i).strip().equals(FENCE)) {
        code.add(lines.get(i++));
        prose.add("");
      }
      prose.add("");
      if (i == lines.size()) {
        throw new IllegalArgumentException(path + ":" + (begin + 1) + ": a block that has no end");
      }
      blocks.add(
          new Block(
              path, begin + 1, line.strip().substring(FENCE.length()), note(lines, begin), code));
    }
    return new Page(path, blocks, prose);
  }

  /** The comment on the line before a block. */
  private static String note(List<String> lines, int begin) {
    String before = begin == 0 ? "" : lines.get(begin - 1).strip();
    return before.startsWith("<!--") && before.endsWith("-->")
        ? before.substring(4, before.length() - 3).strip()
        : "";
  }

  /** Where it links to, as written. */
  public List<Said> links() {
    return find(LINK);
  }

  /** The spans of code in its text. */
  public List<Said> spans() {
    return find(SPAN);
  }

  private List<Said> find(Pattern pattern) {
    List<Said> found = new ArrayList<>();
    for (int i = 0; i < prose.size(); i++) {
      Matcher matcher = pattern.matcher(prose.get(i));
      while (matcher.find()) {
        String text = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        found.add(new Said(text, i + 1));
      }
    }
    return found;
  }

  /** The anchors of its headings, as GitHub makes them. */
  public Set<String> anchors() {
    Set<String> anchors = new LinkedHashSet<>();
    Map<String, Integer> seen = new HashMap<>();
    for (String line : prose) {
      Matcher heading = HEADING.matcher(line);
      if (heading.matches()) {
        String anchor = anchor(heading.group(1));
        int times = seen.merge(anchor, 1, Integer::sum);
        anchors.add(times == 1 ? anchor : anchor + "-" + (times - 1));
      }
    }
    return anchors;
  }

  private static String anchor(String heading) {
    String text = heading.strip().replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1");
    return text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
  }
}
