package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.JavaFileObject.Kind;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples in the README compile. */
class ReadmeTest {
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CLASS =
      Pattern.compile("^public .*?(?:class|record) (\\w+)", Pattern.MULTILINE);

  /** What the examples mention and a reader imagines. */
  private static final String IMAGINED =
      """
      class Catalogue {
        static Catalogue load() { return new Catalogue(); }
        void answer(SocketChannel connection) {}
      }
      """;

  private static final String IMPORTS =
      """
      import dev.tine.fork.*;
      import dev.tine.prefork.*;
      import dev.tine.process.*;
      import java.io.*;
      import java.net.*;
      import java.nio.channels.*;
      import java.nio.charset.*;
      import java.time.*;
      import java.util.*;
      """;

  @Test
  void shouldCompile(@TempDir Path classes) throws IOException {
    String readme = Files.readString(Path.of(System.getProperty("tine.root"), "README.md"));
    List<MatchResult> examples = JAVA.matcher(readme).results().toList();
    assertThat(examples).isNotEmpty();
    for (MatchResult example : examples) {
      String code = example.group(1);
      MatchResult declaration =
          CLASS
              .matcher(code)
              .results()
              .findFirst()
              .orElseThrow(() -> new AssertionError("no class in: " + code));
      var diagnostics = new DiagnosticCollector<JavaFileObject>();
      var compiler = ToolProvider.getSystemJavaCompiler();
      boolean compiled =
          compiler
              .getTask(
                  null,
                  null,
                  diagnostics,
                  List.of("-d", classes.toString(), "-Xlint:all", "-Werror", "-proc:none"),
                  null,
                  List.of(source(declaration.group(1), IMPORTS + code + IMAGINED)))
              .call();
      assertThat(compiled).as("%s%n%s", code, diagnostics.getDiagnostics()).isTrue();
    }
  }

  private static JavaFileObject source(String name, String code) {
    return new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return code;
      }
    };
  }
}
