package dev.tine.docs;

import java.util.List;
import java.util.Map;

/** A picture of a {@link Screen}. */
final class Svg {
  private static final double CHARACTER = 8.4;
  private static final int LINE = 19;
  private static final int MARGIN = 18;
  private static final int BAR = 30;

  /** The colours of a terminal by their numbers. */
  private static final Map<String, String> STYLES =
      Map.of(
          "1", "font-weight:bold",
          "2", "opacity:0.6",
          "31", "fill:#ff7b72",
          "32", "fill:#7ee787",
          "33", "fill:#e3b341",
          "34", "fill:#79c0ff",
          "35", "fill:#d2a8ff",
          "36", "fill:#76e3ea");

  private Svg() {}

  /** Draws it, as wide as {@code columns} characters. */
  static String draw(Screen screen, int columns, String title) {
    List<String> lines = screen.text();
    int width = (int) Math.ceil(columns * CHARACTER) + 2 * MARGIN;
    int height = lines.size() * LINE + BAR + MARGIN;
    var svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">
        <title>%s</title>
        <style>text{font:14px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;fill:#e6edf3;white-space:pre}</style>
        <rect width="%d" height="%d" rx="8" fill="#161b22"/>
        <circle cx="20" cy="16" r="5" fill="#ff5f57"/>
        <circle cx="38" cy="16" r="5" fill="#febc2e"/>
        <circle cx="56" cy="16" r="5" fill="#28c840"/>
        """
            .formatted(width, height, width, height, escaped(title), width, height));
    for (int i = 0; i < lines.size(); i++) {
      line(svg, screen.runs(i), BAR + MARGIN / 2 + (i + 1) * LINE - LINE / 2);
    }
    return svg.append("</svg>\n").toString();
  }

  /** Each stretch has its width said: fonts differ, and columns are to stay columns. */
  private static void line(StringBuilder svg, List<Screen.Run> runs, int y) {
    int column = 0;
    for (Screen.Run run : runs) {
      String text = run.text();
      int begin = column;
      column += text.length();
      if (text.isBlank()) {
        continue;
      }
      double x = MARGIN + begin * CHARACTER;
      svg.append(
          "<text x=\"%.1f\" y=\"%d\" textLength=\"%.1f\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\"%s>%s</text>\n"
              .formatted(x, y, text.length() * CHARACTER, style(run.style()), escaped(text)));
    }
  }

  private static String style(String numbers) {
    var style = new StringBuilder();
    for (String number : numbers.split(";", -1)) {
      String one = STYLES.get(number.replaceFirst("^0", ""));
      if (one != null) {
        style.append(style.isEmpty() ? "" : ";").append(one);
      }
    }
    return style.isEmpty() ? "" : " style=\"" + style + "\"";
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
