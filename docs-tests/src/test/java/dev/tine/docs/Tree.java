package dev.tine.docs;

import java.nio.file.Path;
import java.util.List;

/** The tree whose pages are checked. */
final class Tree {
  static final Path ROOT = Path.of(System.getProperty("tine.root"));

  private Tree() {}

  static List<Page> pages() {
    return Page.all(ROOT);
  }

  /** The blocks in these languages that do not say why they cannot be checked. */
  static List<Block> blocks(String... languages) {
    return pages().stream()
        .flatMap(page -> page.blocks().stream())
        .filter(block -> List.of(languages).contains(block.language()))
        .filter(block -> block.unchecked().isEmpty())
        .toList();
  }
}
