package dev.tine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.JavaFileObject.Kind;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java code in the pages compiles, without a warning. */
class JavaBlocksTest {
  private static final Pattern TYPE =
      Pattern.compile(
          "^(public )?(?:static |final |abstract |sealed )*(?:class|record|interface|enum) (\\w+)",
          Pattern.MULTILINE);
  private static final Pattern IMPORT =
      Pattern.compile("^import [^;]+;[^\n]*\n", Pattern.MULTILINE);

  /** What the examples mention and a reader imagines. */
  private static final String IMAGINED =
      """
      package imagined;

      import java.nio.channels.SocketChannel;

      public final class Imagined {
        private Imagined() {}

        public static final class Catalogue {
          public static Catalogue load() {
            return new Catalogue();
          }

          public void answer(SocketChannel connection) {}
        }

        public interface Metrics {
          void restart(String name);
        }

        public interface LeaseClient {
          void pause();

          void resume();
        }
      }
      """;

  private static final String IMPORTS =
      """
      import dev.tine.fork.*;
      import dev.tine.prefork.*;
      import dev.tine.process.*;
      import dev.tine.worker.Worker;
      import imagined.Imagined.*;
      import java.io.*;
      import java.net.*;
      import java.nio.channels.*;
      import java.nio.charset.*;
      import java.nio.file.*;
      import java.time.*;
      import java.util.*;
      import java.util.concurrent.*;
      import org.crac.Context;
      import org.crac.Core;
      import org.crac.Resource;
      """;

  private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();

  @Test
  void shouldCompile(@TempDir Path classes) {
    assertThat(errors(classes, "Imagined", IMAGINED)).isEmpty();
    List<Block> blocks = Tree.blocks("java");
    List<String> wrong = new ArrayList<>();
    for (Block block : blocks) {
      errors(classes, block).forEach(error -> wrong.add(block + ": " + error));
    }

    assertThat(wrong).isEmpty();
    assertThat(blocks).hasSizeGreaterThan(10);
  }

  @Test
  void shouldFindWhatDoesNotCompile(@TempDir Path classes) {
    assertThat(errors(classes, "Imagined", IMAGINED)).isEmpty();
    String fragment = "Subprocess.run(\"true\").test();";

    assertThat(errors(classes, block("fragment", fragment)))
        .singleElement()
        .asString()
        .contains("test()");
    assertThat(errors(classes, block("fragment", "int unused = \"\" + 1;"))).isNotEmpty();
    assertThat(errors(classes, block("fragment", "Subprocess.run(\"true\").text();"))).isEmpty();
    assertThat(errors(classes, block("", "class Small { Fork fork = JvmFork.spoon(); }")))
        .isNotEmpty();
    assertThat(errors(classes, block("", fragment))).singleElement().asString().contains("no type");
  }

  private static Block block(String note, String code) {
    return new Block(Path.of("page.md"), 1, "java", note, List.of(code));
  }

  private List<String> errors(Path classes, Block block) {
    String code = block.text();
    String imports = IMPORTS;
    Matcher own = IMPORT.matcher(code);
    while (own.find()) {
      imports += own.group();
    }
    code = own.replaceAll("");
    if (block.fragment().isPresent()) {
      String method =
          "final class Fragment {\n  static void run(%s) throws Exception {\n%s  }\n}\n"
              .formatted(block.fragment().get(), code);
      return errors(classes, "Fragment", imports + method);
    }
    Matcher type = TYPE.matcher(code);
    if (!type.find()) {
      return List.of("no type in it, and no comment <!-- fragment --> before it");
    }
    return errors(classes, type.group(2), imports + code);
  }

  private List<String> errors(Path classes, String name, String code) {
    var diagnostics = new DiagnosticCollector<JavaFileObject>();
    String path = classes + java.io.File.pathSeparator + System.getProperty("java.class.path");
    boolean _ =
        compiler
            .getTask(
                null,
                null,
                diagnostics,
                List.of(
                    "-d",
                    classes.toString(),
                    "-cp",
                    path,
                    "-Xlint:all,-path,-processing,-try", // users need no variable
                    "-proc:none"),
                null,
                List.of(source(name, code)))
            .call();
    return diagnostics.getDiagnostics().stream().map(JavaBlocksTest::text).toList();
  }

  private static String text(Diagnostic<? extends JavaFileObject> diagnostic) {
    return diagnostic.getKind() + ": " + diagnostic.getMessage(Locale.ROOT);
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
