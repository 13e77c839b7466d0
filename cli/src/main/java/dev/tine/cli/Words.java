package dev.tine.cli;

import java.util.ArrayList;
import java.util.List;

/** A command line as words: quotes and backslashes as a shell has them, and nothing else of it. */
final class Words {
  private Words() {}

  /** Throws {@link IllegalArgumentException} if a quote is not closed. */
  static List<String> of(String line) {
    List<String> words = new ArrayList<>();
    var word = new StringBuilder();
    boolean isWord = false;
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      boolean escapes = c == '\\' && quote != '\'' && i + 1 < line.length();
      if (escapes) {
        word.append(line.charAt(++i));
        isWord = true;
      } else if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
        isWord = true; // also an empty one
      } else if (!Character.isWhitespace(c)) {
        word.append(c);
        isWord = true;
      } else if (isWord) {
        words.add(word.toString());
        word.setLength(0);
        isWord = false;
      }
    }
    if (quote != 0) {
      throw new IllegalArgumentException("a quote is not closed: " + line);
    }
    if (isWord) {
      words.add(word.toString());
    }
    return words;
  }
}
