package dev.tine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Links lead somewhere, and every page can be found. */
class LinksTest {
  private static final Path INDEX = Path.of("docs", "README.md");

  @Test
  void shouldLeadToFilesAndHeadingsThatExist() {
    List<Page> pages = new ArrayList<>(Tree.pages());
    for (String other : List.of("CHANGELOG.md", "CONTRIBUTING.md", "benchmarks/README.md")) {
      pages.add(Page.read(Tree.ROOT, Path.of(other)));
    }
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Page page : pages) {
      for (Page.Said link : page.links()) {
        if (!link.text().matches("[a-z]+:.*")) {
          links++;
          if (!leadsSomewhere(page, link.text())) {
            broken.add("%s:%d: %s".formatted(page.path(), link.line(), link.text()));
          }
        }
      }
    }

    assertThat(broken).isEmpty();
    assertThat(links).isGreaterThan(50);
  }

  @Test
  void shouldReachEachPageFromTheIndex() {
    Set<Path> reached = new HashSet<>();
    var open = new ArrayDeque<>(List.of(INDEX));
    while (!open.isEmpty()) {
      Path path = open.remove();
      if (reached.add(path)) {
        Page page = Page.read(Tree.ROOT, path);
        for (Page.Said link : page.links()) {
          Path target = target(page, link.text());
          boolean below = target.startsWith("docs") && target.toString().endsWith(".md");
          if (below && Files.exists(Tree.ROOT.resolve(target))) {
            open.add(target);
          }
        }
      }
    }

    assertThat(Tree.pages())
        .map(Page::path)
        .filteredOn(path -> path.startsWith("docs"))
        .allSatisfy(path -> assertThat(reached).contains(path));
  }

  private static boolean leadsSomewhere(Page page, String link) {
    Path target = target(page, link);
    int anchor = link.indexOf('#');
    return Files.exists(Tree.ROOT.resolve(target))
        && (anchor < 0
            || !target.toString().endsWith(".md")
            || Page.read(Tree.ROOT, target).anchors().contains(link.substring(anchor + 1)));
  }

  /** The path from the root, of a link relative to its page. */
  private static Path target(Page page, String link) {
    String path = link.replaceFirst("#.*", "");
    return path.isEmpty() ? page.path() : page.path().resolveSibling(path).normalize();
  }
}
